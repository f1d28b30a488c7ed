// The compose files, held to what they refer to: settings, commands, services, volumes. `docker compose config` reads them too
// where it is installed. No container is started.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SETTINGS } from '../contract/settings.ts'
import { root } from './village.ts'

const FILES = ['docker-compose.yml', 'docker-compose.duckdb.yml', 'docker-compose.influxdb2.yml'] as const

interface Block {
  /** What stands behind the colon; empty where a block follows. */
  readonly value: string
  readonly members: Map<string, Block>
}

/** The block mappings of YAML by their indentation, which is all that these files use; flow values stay text. */
function readBlocks(text: string): Block {
  const top: Block = { value: '', members: new Map() }
  const open = [{ indent: -1, block: top }]
  for (const line of text.split('\n')) {
    const match = /^( *)([\w.-]+|<<):(?: (.*))?$/.exec(line.replace(/\s+#.*$/, ''))
    if (match === null) continue
    const [, indent = '', name = '', value = ''] = match
    while ((open.at(-1)?.indent ?? -1) >= indent.length) open.pop()
    const block: Block = { value, members: new Map() }
    const parent = open.at(-1)?.block ?? top
    if (parent.members.has(name)) throw new Error(`${name} stands twice`)
    parent.members.set(name, block)
    open.push({ indent: indent.length, block })
  }
  return top
}

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const base = readBlocks(textOf('docker-compose.yml'))
const services = base.members.get('services')?.members ?? new Map<string, Block>()

describe.each(FILES)('%s', (file) => {
  const text = textOf(file)
  const blocks = readBlocks(text)

  it('is indented by blanks, and names each member once', () => {
    expect(text).not.toContain('\t')
    expect(blocks.members.has('services')).toBe(true)
  })

  it('gives settings that there are', () => {
    const names = [...text.matchAll(/PANTAU_[A-Z_]+/g)].map(([name]) => name)
    expect(names.filter((name) => !(name in SETTINGS))).toEqual([])
    expect(names.length).toBeGreaterThan(0)
  })

  it('changes services that the first file has', () => {
    expect(
      [...(blocks.members.get('services')?.members.keys() ?? [])].filter((name) => !services.has(name)),
    ).toEqual([])
  })

  it('publishes to this machine only, and holds no credentials', () => {
    for (const [, ports = ''] of text.matchAll(/^\s+ports: (.*)$/gm))
      expect(ports).toMatch(/^\["127\.0\.0\.1:/)
    for (const [, value = ''] of text.matchAll(/(?:TOKEN|PASSWORD): (.*)$/gm)) expect(value).toMatch(/^\$\{/)
  })
})

describe('docker-compose.yml', () => {
  const part = (base.members.get('x-part') as Block).members

  it('runs each part of the village as a command that there is', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
    for (const name of ['broker', 'ingest', 'dashboard', 'simulators']) {
      const command = services.get(name)?.members.get('command')?.value ?? '[]'
      const [node, program, script = ''] = JSON.parse(command) as string[]
      expect([node, program, Object.keys(scripts)]).toEqual([
        'node',
        'commands/run.mjs',
        expect.arrayContaining([script]),
      ])
      expect(services.get(name)?.members.get('<<')?.value).toBe('*part')
    }
  })

  it('gives the parts a file system that is read only, no rights, and a start after a fault', () => {
    expect(part.get('read_only')?.value).toBe('true')
    expect(part.get('cap_drop')?.value).toBe('[ALL]')
    expect(part.get('security_opt')?.value).toContain('no-new-privileges:true')
    expect(part.get('restart')?.value).toBe('unless-stopped')
  })

  it('waits for services that there are and that tell their health', () => {
    for (const [name, { members }] of services) {
      const awaited = members.get('depends_on')?.members ?? new Map<string, Block>()
      for (const [other, { value }] of awaited) {
        expect([name, other, value]).toEqual([name, other, '{ condition: service_healthy }'])
        expect(services.get(other)?.members.has('healthcheck')).toBe(true)
      }
    }
  })

  it('declares the volumes that it mounts', () => {
    const declared = [...(base.members.get('volumes')?.members.keys() ?? [])]
    const mounted = [...textOf('docker-compose.yml').matchAll(/volumes: \["([\w-]+):/g)].map(
      ([, name]) => name,
    )
    expect(mounted.toSorted()).toEqual(declared.toSorted())
  })
})

const isThere = (program: readonly string[]): boolean =>
  spawnSync(program[0] ?? '', [...program.slice(1), 'version']).status === 0
const compose = [['docker', 'compose'], ['docker-compose']].find(isThere)
if (compose === undefined)
  process.stderr.write('docker compose is not here: it has not read the compose files\n')

describe.skipIf(compose === undefined)('docker compose config', () => {
  it.each(FILES)('takes %s', (file) => {
    const [program = '', ...words] = compose ?? []
    const files = [...new Set(['docker-compose.yml', file])].flatMap((name) => ['-f', name])
    const environment = { ...process.env, PANTAU_INFLUX_TOKEN: 'token' }
    const { status, stderr } = spawnSync(program, [...words, ...files, 'config', '--quiet'], {
      cwd: root,
      env: environment,
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
  })
})
