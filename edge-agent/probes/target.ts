// A target is `host`, reached by ICMP echo where there is a `ping`, or `host:port`, reached by TCP always. Hosts are an
// allow-list, so that nothing of a target can be taken for an option of `ping`.

import { isIP } from 'node:net'

export interface Target {
  readonly host: string
  /** Null: by ping, and where there is none by TCP to port 443. */
  readonly port: number | null
}

export const TARGET_RULE =
  'a target is a host name or address, or one with a port, such as 1.1.1.1 or [::1]:443'

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i

/** True for an IPv4 or IPv6 address or a host name (RFC 1123, section 2.1). */
export function isHost(text: string): boolean {
  return (isIP(text) !== 0 && !text.includes('%')) || (HOST_NAME.test(text) && !/^[\d.]+$/.test(text))
}

/** Null when the text is none. */
export function parseTarget(text: string): Target | null {
  if (isHost(text)) return { host: text, port: null }
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text)
  const host = match?.[1] ?? match?.[2] ?? ''
  const port = match?.[3] === undefined ? null : Number(match[3])
  if (!isHost(host) || (match?.[1] !== undefined && isIP(host) !== 6)) return null
  if (port !== null && (port < 1 || port > 65_535)) return null
  return { host, port }
}

/** The inverse of `parseTarget`. */
export function formatTarget({ host, port }: Target): string {
  if (port === null) return host
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}
