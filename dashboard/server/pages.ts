// The built pages, their files, and the village's base map, each at its own address.

import { join } from 'node:path'
import type { App, Context } from './context.ts'
import { Refusal } from './refusal.ts'
import { villagePath } from './routes/village.ts'
import { inlineHashes, sourceHash } from './security-headers.ts'
import { readStaticFile, readStaticFiles, type StaticFile, sendStatic } from './static-files.ts'

/** Address of a page, and its file in the build. Desks hold no data: what they show needs a sign-in. */
export const PAGES: Readonly<Record<string, string>> = {
  '/': 'index.html',
  '/sign-in': 'sign-in.html',
  '/infrastructure': 'infrastructure.html',
  '/environment': 'environment.html',
  '/system': 'system.html',
}

export interface WebBuild {
  readonly files: ReadonlyMap<string, StaticFile>
  readonly scriptHashes: readonly string[]
  readonly styleHashes: readonly string[]
  /** The style sheet of the pages that the server writes. */
  readonly plainStyle: string
}

/** As Vite names the build of `style/plain.css`. */
const PLAIN_STYLE = /^assets\/plain-[\w-]{8}\.css$/

/** The build in `folder`; empty when there is none. */
export function readWebBuild(folder: string): WebBuild {
  const files = readStaticFiles(folder)
  const hashes = [...files]
    .filter(([path]) => path.endsWith('.html'))
    .map(([, file]) => inlineHashes(file.body.toString('utf8')))
  const plainStyle =
    [...files]
      .find(([path]) => PLAIN_STYLE.test(path))?.[1]
      .body.toString('utf8')
      .trim() ?? ''
  return {
    files,
    scriptHashes: [...new Set(hashes.flatMap((page) => page.scripts))],
    styleHashes: [...new Set([...hashes.flatMap((page) => page.styles), sourceHash(plainStyle)])],
    plainStyle,
  }
}

/** All pages that are sent as they were built: the map is written for whoever asks, unless there is no build of it. */
export function registerPages(app: App, build: WebBuild): void {
  const serve = (url: string, file: StaticFile | undefined): void => {
    app.route({
      method: 'GET',
      url,
      config: { access: 'page' },
      schema: { hide: true },
      handler: async (request, reply) => {
        if (file === undefined) throw new Refusal(503, 'the pages are not built; run npm run build')
        await sendStatic(file, request, reply)
        return reply
      },
    })
  }
  for (const [url, path] of Object.entries(PAGES)) {
    if (url !== '/' || !build.files.has(path)) serve(url, build.files.get(path))
  }
  const pages = new Set(Object.values(PAGES))
  for (const [path, file] of build.files) {
    if (!pages.has(path)) serve(`/${path}`, file)
  }
}

/** Files of the village folder that the map draws: those that village.json names, and no other. */
export function registerVillageFiles(
  app: App,
  { village: { folder, village } }: Pick<Context, 'village'>,
): void {
  const files = new Map(
    [village.boundary, ...village.basemap].map((file) => [
      villagePath(file),
      readStaticFile(join(folder, file)),
    ]),
  )
  app.route({
    method: 'GET',
    url: '/village/*',
    config: { access: 'page' },
    schema: { hide: true },
    handler: async (request, reply) => {
      const file = files.get(request.url.split('?')[0] ?? '')
      if (file === undefined) throw new Refusal(404, 'the village has no such file')
      await sendStatic(file, request, reply)
      return reply
    },
  })
}
