// Topics are `pantau/{village}/{kind}/{device}/{channel}` (contract section 3). Building and parsing stand side by
// side; names are allow-lists, so that nothing of MQTT's wildcards, `$` topics or bad UTF-8 can pass.

export const KINDS = ['hotspot', 'sensor', 'vehicle'] as const
export type Kind = (typeof KINDS)[number]

/** Channels a device publishes on. */
export const CHANNELS_FROM_DEVICE = ['reading', 'status', 'event'] as const
export type ChannelFromDevice = (typeof CHANNELS_FROM_DEVICE)[number]

/** Channels a device may subscribe to. */
export const CHANNELS_TO_DEVICE = ['config', 'command', 'reply'] as const
export type ChannelToDevice = (typeof CHANNELS_TO_DEVICE)[number]

export type Channel = ChannelFromDevice | ChannelToDevice

export const DEVICE_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/
export const DEVICE_ID_RULE = '1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit'

export interface Topic {
  readonly village: string
  readonly kind: Kind
  readonly device: string
  readonly channel: Channel
}

export function isKind(text: string): text is Kind {
  return (KINDS as readonly string[]).includes(text)
}

export function isDeviceId(text: string): boolean {
  return DEVICE_ID.test(text)
}

/** The longest valid topic: `pantau/`, a village and a device of 63 letters, the longest kind and channel. */
export const MAX_TOPIC_LENGTH = 160

/** `pantau/{village}/{kind}/{device}`; the device's channels are one level below. */
export function topicPrefix(village: string, kind: Kind, device: string): string {
  return `pantau/${village}/${kind}/${device}`
}

export function buildTopic(topic: Topic): string {
  return `${topicPrefix(topic.village, topic.kind, topic.device)}/${topic.channel}`
}

/** The parts of a topic of ours; null when it is none, whatever is wrong with it. */
export function parseTopic(text: string): Topic | null {
  if (text.length > MAX_TOPIC_LENGTH) return null
  const levels = text.split('/')
  if (levels.length !== 5) return null
  const [root, village, kind, device, channel] = levels as [string, string, string, string, string]
  if (root !== 'pantau' || !isDeviceId(village) || !isKind(kind) || !isDeviceId(device)) return null
  if (!isFromDevice(channel) && !isToDevice(channel)) return null
  return { village, kind, device, channel }
}

export function isFromDevice(channel: string): channel is ChannelFromDevice {
  return (CHANNELS_FROM_DEVICE as readonly string[]).includes(channel)
}

export function isToDevice(channel: string): channel is ChannelToDevice {
  return (CHANNELS_TO_DEVICE as readonly string[]).includes(channel)
}
