// What the build writes in.

/** Of package.json. */
declare const PANTAU_VERSION: string
