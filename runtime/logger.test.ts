// No line of a log holds a secret or breaks out of its line, whatever is logged.

import { PassThrough } from 'node:stream'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { loggerOptions, prettyStream } from './logger.ts'

const SEED = 'hunter2-SEED'

function lines(work: (logger: pino.Logger) => void): string[] {
  const stream = new PassThrough()
  const chunks: string[] = []
  stream.on('data', (chunk) => chunks.push(String(chunk)))
  work(pino(loggerOptions('broker', { PANTAU_LOG_LEVEL: 'debug' }), stream))
  return chunks.join('').split('\n').slice(0, -1)
}

describe('a line of the log', () => {
  it.each<[string, object, string]>([
    ['a password', { password: SEED }, 'x'],
    ['a token, deep', { request: { headers: { authorization: `Bearer ${SEED}`, cookie: SEED } } }, 'x'],
    ['a list of accounts', { accounts: [{ name: 'a', passwordHash: SEED, tokens: [SEED] }] }, 'x'],
    ['a setting', { PANTAU_INFLUX_TOKEN: SEED }, 'x'],
    [
      'an error with its request',
      { err: Object.assign(new Error('no'), { config: { headers: { Cookie: SEED } } }) },
      'x',
    ],
    ['an address in a message', {}, `influxdb1://village:${SEED}@127.0.0.1:8086/db does not answer`],
    ['an address in an error', { err: new Error(`http://village:${SEED}@host/ping failed`) }, 'x'],
    ['an address in a member', { url: `mqtt://air-1:${SEED}@host` }, 'x'],
  ])('has %s blanked', (_what, members, message) => {
    const [line = ''] = lines((logger) => logger.error(members, message))
    expect(line).toContain('[secret]')
    expect(line).not.toContain(SEED)
    expect(JSON.parse(line)).toMatchObject({ level: 'error', part: 'broker' })
  })

  it('keeps what is no secret', () => {
    const [line = ''] = lines((logger) =>
      logger.info(
        { device: 'air-1', ports: { http: 8080 }, err: new Error('why') },
        'http://127.0.0.1:8080 is up',
      ),
    )
    expect(JSON.parse(line)).toMatchObject({
      device: 'air-1',
      ports: { http: 8080 },
      err: { type: 'Error', message: 'why', stack: expect.stringContaining('why') },
      msg: 'http://127.0.0.1:8080 is up',
    })
  })

  it.each([
    '\n{"level":"error","msg":"forged"}',
    '\r\nforged',
    '\u2028forged',
    '\u001b[2Jforged',
    '\u0000',
    '\u0085forged',
  ])('is one line, whatever a stranger calls himself: %j', (name) => {
    const written = lines((logger) => logger.warn({ who: name, [name]: 1 }, `refused ${name}`))
    expect(written).toHaveLength(1)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not reach a terminal
    expect(written[0]).not.toMatch(/[\u0000-\u001f]/)
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      level: 'warn',
      who: name.replace(/[\u0085\u2028]/, '\u00b7'),
    })
  })
})

describe('a line for people', () => {
  it.each([
    '\n[12:00:00] ERROR: broker: forged',
    '\r\nforged',
    '\u001b[2J\u001b[Hforged',
    '\u0007',
    '\u2028forged',
    '\u202eforged',
  ])('begins as ours do, and commands no terminal: %j', async (name) => {
    const stream = new PassThrough()
    const chunks: string[] = []
    stream.on('data', (chunk) => chunks.push(String(chunk)))
    pino(loggerOptions('broker', { PANTAU_LOG_LEVEL: 'debug' }), prettyStream(stream)).warn(
      { who: name },
      `refused ${name}`,
    )
    await new Promise((done) => setTimeout(done, 20))
    const lines = chunks.join('').split('\n').slice(0, -1)
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.slice(1).filter((line) => !line.startsWith('    '))).toEqual([])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/)
  })
})
