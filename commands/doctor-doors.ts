// What `npm run doctor` finds of the village's doors: whether it runs and answers, ports, certificates, and who can listen in.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { isLoopback, type Settings } from '../contract/settings.ts'
import { DAY, formatTime, type TimeMs } from '../contract/time.ts'
import { lockHolder } from '../runtime/data-folder.ts'
import { readReadyFile } from '../runtime/ready-file.ts'
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts'

export async function checkDoors(settings: Settings, now: TimeMs): Promise<Finding[]> {
  const holder = lockHolder(resolve(settings.PANTAU_DATA))
  return [
    ...(holder === null ? await checkPorts(settings) : [await checkRunning(settings, holder)]),
    ...checkCertificate(settings, now),
    ...checkListeners(settings),
  ]
}

const ANSWER_MS = 5_000

async function checkRunning(settings: Settings, pid: number): Promise<Finding> {
  const ready = readReadyFile(resolve(settings.PANTAU_DATA))
  if (ready === null)
    return warn('village runs', `process ${pid} is starting or stopping; ask again in a moment`)
  try {
    const answer = await fetch(`${ready.http}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) })
    const text = await answer.text()
    return answer.ok
      ? ok('village runs', `process ${pid}, ready at ${ready.http}`)
      : fail('village runs', `${ready.http}/readyz answers ${answer.status}: ${text}`)
  } catch (error) {
    const reason = reasonOf(error)
    // A certificate of one's own is no fault of the village.
    return /CERT|SELF_SIGNED|ALTNAME/.test(reason)
      ? ok(
          'village runs',
          `process ${pid} at ${ready.http}, by a certificate that this machine does not trust (${reason})`,
        )
      : fail(
          'village runs',
          `process ${pid} does not answer at ${ready.http} (${reason}); see its log, start it again`,
        )
  }
}

async function checkPorts(settings: Settings): Promise<Finding[]> {
  const ports = {
    PANTAU_MQTT_PORT: settings.PANTAU_MQTT_PORT,
    PANTAU_MQTTS_PORT: settings.PANTAU_MQTTS_PORT,
    PANTAU_HTTP_PORT: settings.PANTAU_HTTP_PORT,
  }
  const findings: Finding[] = []
  for (const [name, port] of Object.entries(ports)) {
    if (port === null || port === 0) continue
    const fault = await bindFault(settings.PANTAU_HOST, port)
    const place = `${settings.PANTAU_HOST}:${port}`
    findings.push(
      fault === null
        ? ok('port', `${place} is free for ${name}`)
        : fail('port', `${place} cannot be had for ${name} (${fault}); stop who holds it, or set another`),
    )
  }
  return findings
}

/** Null when somebody may listen there. */
function bindFault(host: string, port: number): Promise<string | null> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', (error) => done(reasonOf(error)))
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(null)))
  })
}

const EXPIRES_SOON_MS = 30 * DAY

function checkCertificate(settings: Settings, now: TimeMs): Finding[] {
  const { PANTAU_TLS_CERT: certPath, PANTAU_TLS_KEY: keyPath, PANTAU_TLS_CLIENT_CA: caPath } = settings
  if (certPath === null || keyPath === null) return []
  const findings: Finding[] = []
  const parsed = <T>(name: string, path: string, parse: (pem: Buffer) => T): T | null => {
    try {
      return parse(readFileSync(path))
    } catch (error) {
      findings.push(
        fail('certificate', `${name} is ${path}, which cannot be used (${reasonOf(error)}); give a PEM file`),
      )
      return null
    }
  }
  const certificate = parsed('PANTAU_TLS_CERT', certPath, (pem) => new X509Certificate(pem))
  const key = parsed('PANTAU_TLS_KEY', keyPath, (pem) => createPrivateKey(pem))
  if (caPath !== null) parsed('PANTAU_TLS_CLIENT_CA', caPath, (pem) => new X509Certificate(pem))
  if (certificate === null || key === null) return findings
  if (!certificate.checkPrivateKey(key)) {
    return [
      ...findings,
      fail('certificate', `${certPath} and ${keyPath} do not go together; give a certificate and its key`),
    ]
  }
  return [...findings, validity(certificate, certPath, now)]
}

function validity(certificate: X509Certificate, path: string, now: TimeMs): Finding {
  const until = Date.parse(certificate.validTo)
  const shown = formatTime(until)
  if (now < Date.parse(certificate.validFrom))
    return fail('certificate', `${path} is not valid yet; check the clock, or give another`)
  if (now > until) return fail('certificate', `${path} ended on ${shown}; renew it`)
  if (until - now < EXPIRES_SOON_MS) return warn('certificate', `${path} ends on ${shown}; renew it`)
  return ok('certificate', `${path} is valid until ${shown}`)
}

/** What goes over the network in the clear, and what browsers withhold without TLS. */
function checkListeners(settings: Settings): Finding[] {
  if (isLoopback(settings.PANTAU_HOST)) return [ok('doors', `${settings.PANTAU_HOST}: this machine only`)]
  const findings: Finding[] = []
  findings.push(
    warn(
      'doors',
      `MQTT without TLS listens on ${settings.PANTAU_HOST}:${settings.PANTAU_MQTT_PORT}: passwords pass in the clear; ` +
        'set PANTAU_MQTTS_PORT and keep this port to networks you trust',
    ),
  )
  if (settings.PANTAU_TLS_CERT === null) {
    findings.push(
      warn(
        'doors',
        `pages come by plain http on ${settings.PANTAU_HOST}: sign-ins pass in the clear, and phones neither tell where ` +
          'they are nor keep the map without a network; set PANTAU_TLS_CERT and PANTAU_TLS_KEY, or put a TLS proxy in front',
      ),
    )
  }
  return findings
}
