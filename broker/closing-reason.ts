// Aedes closes a connection by an error that is only a sentence; those that a stranger can bring about are counted by reason.

const REASONS: readonly (readonly [sentence: RegExp, reason: string])[] = [
  [/^topic has too many levels$/, 'topic'],
  [/^[#+] is not allowed in PUBLISH$/, 'topic'],
  [/^empty topic not allowed in PUBLISH$/, 'topic'],
  [/^impossible to (UN)?SUBSCRIBE to an empty topic$/, 'acl'],
  [/^[#+] is only allowed in (UN)?SUBSCRIBE /, 'acl'],
  [/^drain timeout$/, 'slow_subscriber'],
  [/^more than \d+ messages of QoS 2 wait/, 'inflight'],
  [/^connect did not arrive in time$/, 'connect_timeout'],
  [/^Client queue limit reached$/, 'protocol'],
  [/^Invalid protocol/, 'protocol'],
  [/^(Cannot parse|Packet |Malformed|Invalid|Not supported|Empty)/, 'protocol'],
]

/** The reason under which the end of a connection is counted; null when it is no fault of the client's that counts. */
export function closingReason(error: Error): string | null {
  return REASONS.find(([sentence]) => sentence.test(error.message))?.[1] ?? null
}
