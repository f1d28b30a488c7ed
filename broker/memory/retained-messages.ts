// Retained messages: the last one of each topic, for those who subscribe later [MQTT-3.3.1-5..10].

export interface RetainedMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
}

export class RetainedMessages {
  readonly #byTopic = new Map<string, RetainedMessage>()

  /** An empty payload takes the topic's message away. False when nothing changed. */
  set(message: RetainedMessage): boolean {
    const { topic, payload } = message
    if (payload.length === 0) return this.#byTopic.delete(topic)
    const held = this.#byTopic.get(topic)
    if (held !== undefined && held.qos === message.qos && Buffer.compare(held.payload, payload) === 0) {
      return false
    }
    // A copy: the payload may be a view of a large buffer.
    this.#byTopic.set(topic, { ...message, payload: Buffer.from(payload) })
    return true
  }

  all(): RetainedMessage[] {
    return [...this.#byTopic.values()]
  }

  /** Those whose topic one of the filters matches, each once. */
  *matching(filters: readonly string[]): Generator<RetainedMessage> {
    const exact = filters.every((filter) => !/[+#]/.test(filter))
    if (exact) {
      for (const filter of new Set(filters)) {
        const message = this.#byTopic.get(filter)
        if (message !== undefined) yield message
      }
      return
    }
    const split = filters.map((filter) => filter.split('/'))
    for (const message of this.#byTopic.values()) {
      const levels = message.topic.split('/')
      if (split.some((filter) => filterMatches(filter, levels))) yield message
    }
  }
}

/** Whether a filter's levels match a topic's; `#` matches the parent too [MQTT 3.1.1, 4.7.1.2]. */
export function filterMatches(filter: readonly string[], topic: readonly string[]): boolean {
  // Wildcards at the begin do not match what the server keeps for itself [MQTT-4.7.2-1].
  if (topic[0]?.startsWith('$') === true && (filter[0] === '+' || filter[0] === '#')) return false
  for (const [index, level] of filter.entries()) {
    if (level === '#') return true
    if (index >= topic.length || (level !== '+' && level !== topic[index])) return false
  }
  return filter.length === topic.length
}
