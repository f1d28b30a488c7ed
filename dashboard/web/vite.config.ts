// Builds the pages of the dashboard to dist/web: one HTML file a page, what they share in hashed files, and beside each
// file its brotli and gzip form, so that the server compresses nothing while people wait.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

const here = import.meta.dirname
const out = resolve(here, '../../dist/web')
const PAGES = ['index', 'sign-in', 'infrastructure', 'environment', 'system']
const SMALLEST_COMPRESSED = 1_024

export default defineConfig({
  root: here,
  base: '/',
  publicDir: join(here, 'public'),
  define: { PANTAU_VERSION: JSON.stringify(version()) },
  resolve: { alias: { leaflet: resolve(here, '../../node_modules/leaflet/dist/leaflet-src.esm.js') } },
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2022',
    // Small files stay files: the policy of the pages takes no inline script.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    // Old phones keep old browsers: `light-dark()` is written out for them.
    cssTarget: ['chrome90', 'firefox90', 'safari15'],
    rolldownOptions: {
      input: {
        ...Object.fromEntries(PAGES.map((page) => [page, join(here, `${page}.html`)])),
        // Of the pages that the server writes; it inlines the sheet.
        plain: join(here, 'style/plain.css'),
        kiosk: join(here, 'kiosk.ts'),
        sw: join(here, 'service-worker.ts'),
      },
      // The worker stands at the root, since that is what it serves.
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es' },
  plugins: [pageParts(), offlineFiles(), precompressed()],
})

function version(): string {
  const { version } = JSON.parse(readFileSync(resolve(here, '../../package.json'), 'utf8')) as {
    version: string
  }
  return version
}

/** Puts `parts/NAME.html` where a page says `<!-- part: NAME -->`: what all pages begin with is written once. */
function pageParts(): Plugin {
  return {
    name: 'pantau-page-parts',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) =>
        html.replace(/<!-- part: ([a-z-]+) -->/g, (_, part: string) =>
          readFileSync(join(here, 'parts', `${part}.html`), 'utf8').trim(),
        ),
    },
  }
}

const STANDING_FILES = ['/assets/theme.js', '/favicon.svg']

/** Tells the service worker which files the map's page may ask for, and a digest of the build. */
function offlineFiles(): Plugin {
  return {
    name: 'pantau-offline-files',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const wanted = new Set<string>()
      const want = (name: string): void => {
        const chunk = bundle[name]
        if (chunk === undefined || wanted.has(name)) return
        wanted.add(name)
        if (chunk.type !== 'chunk') return
        for (const other of [...chunk.imports, ...chunk.dynamicImports]) want(other)
        // Style sheets and workers are named in the code that loads them.
        for (const file of Object.keys(bundle)) if (file !== 'sw.js' && chunk.code.includes(file)) want(file)
        for (const file of chunk.viteMetadata?.importedCss ?? []) want(file)
      }
      for (const [name, chunk] of Object.entries(bundle)) {
        if (chunk.type === 'chunk' && chunk.isEntry && chunk.name === 'index') want(name)
      }
      const assets = [...[...wanted].sort().map((name) => `/${name}`), ...STANDING_FILES]
      const version = createHash('sha256')
        .update(Object.keys(bundle).sort().join('\n'))
        .digest('hex')
        .slice(0, 12)
      const worker = bundle['sw.js']
      if (worker?.type !== 'chunk') throw new Error('the build made no service worker')
      worker.code = worker.code.replaceAll('__PANTAU_BUILD__', JSON.stringify({ version, assets }))
    },
  }
}

/** Writes `.br` and `.gz` beside each text file of the build that is worth it. */
function precompressed(): Plugin {
  let folder = out
  return {
    name: 'pantau-precompressed',
    apply: 'build',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir)
    },
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(html|js|css|svg|json|webmanifest)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const body = readFileSync(path)
        if (body.length < SMALLEST_COMPRESSED) continue
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
        }
        writeFileSync(`${path}.br`, brotliCompressSync(body, { params }))
        writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }))
      }
    },
  }
}
