// What the parser of Aedes lets pass although MQTT 3.1.1 calls it malformed. A packet that was parsed is looked at once more, by what it
// holds and by how far it was read; what is wrong with it closes the connection [MQTT-4.8.0-1].

/** A packet as mqtt-packet parsed it. */
export interface ParsedPacket {
  readonly cmd: string
  /** Remaining length. */
  readonly length: number
  readonly qos: number
  readonly dup: boolean
  /** -1 when the packet ended before it. */
  readonly messageId?: number
  readonly protocolVersion?: number
  /** The bridge bit of the protocol level was set: 0x84 is no level of MQTT 3.1.1. */
  readonly bridgeMode?: boolean
  readonly clientId?: string
  readonly username?: string
  readonly will?: { readonly topic: string; readonly qos: number }
  readonly subscriptions?: readonly { readonly topic: string }[]
  readonly unsubscriptions?: readonly string[]
}

const NO_ID = 'Malformed: no packet identifier [MQTT-2.3.1-1]'
const NO_TEXT = 'Malformed: a string that is no UTF-8, or holds U+0000 [MQTT-1.5.3-1]'

/** Null when nothing is wrong. `read`: of how many bytes behind the fixed header the parser made sense. */
export function packetFault(packet: ParsedPacket, read: number): string | null {
  const { cmd, length, messageId = -1 } = packet
  if (cmd === 'publish') {
    if (packet.qos === 0) return packet.dup ? 'Malformed: DUP at QoS 0 [MQTT-3.3.1-2]' : null
    if (read > length) return 'Malformed: the packet ends early'
    return messageId < 1 ? NO_ID : null
  }
  // One of MQTT 5 is refused by its level; its parts are none of ours.
  if (cmd === 'connect' && packet.protocolVersion === 5) return null
  if (read !== length) return 'Malformed: bytes are missing or left over'
  switch (cmd) {
    case 'connect':
      return connectFault(packet)
    case 'subscribe':
      if (messageId < 1) return NO_ID
      if (packet.subscriptions?.length === 0) return 'Malformed: no filter [MQTT-3.8.3-3]'
      return packet.subscriptions?.every(({ topic }) => isText(topic)) === true ? null : NO_TEXT
    case 'unsubscribe':
      if (messageId < 1) return NO_ID
      return filtersFault(packet.unsubscriptions ?? [])
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return messageId < 1 ? NO_ID : null
    default:
      return null
  }
}

function connectFault({ clientId = '', username = '', will }: ParsedPacket): string | null {
  if (will !== undefined && will.qos > 2) return 'Malformed: a will of QoS 3 [MQTT-3.1.2-14]'
  return isText(clientId) && isText(username) && isText(will?.topic ?? '') ? null : NO_TEXT
}

function filtersFault(filters: readonly string[]): string | null {
  if (filters.length === 0) return 'Malformed: no filter [MQTT-3.10.3-2]'
  if (!filters.every(isText)) return NO_TEXT
  return filters.every(isFilter) ? null : 'Malformed: a filter with a wildcard within a level [MQTT-4.7.1-2]'
}

/** The parser puts U+FFFD for what is no UTF-8; sent as such it means nothing here either, since all our names are ASCII. */
function isText(text: string): boolean {
  return !text.includes('\u0000') && !text.includes('\ufffd')
}

function isFilter(filter: string): boolean {
  return filter
    .split('/')
    .every((level, index, { length }) =>
      level.length === 1 ? level !== '#' || index === length - 1 : !/[+#]/.test(level),
    )
}
