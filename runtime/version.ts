// The version of this build, which the build writes in from package.json.

declare const PANTAU_VERSION: string

export const VERSION = typeof PANTAU_VERSION === 'undefined' ? 'unbuilt' : PANTAU_VERSION
