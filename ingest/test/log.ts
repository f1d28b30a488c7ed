// A real log for tests: segments written byte by byte as the broker writes them.

import { appendFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import type { LogPosition, LogRecord } from '../../contract/log.ts'
import type { TimeMs } from '../../contract/time.ts'
import { RecordBuffer } from '../../runtime/log/record.ts'
import { segmentHeader, segmentPath } from '../../runtime/log/segment.ts'

export class TestLog {
  readonly folder: string
  #segment = 1

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
    if (!existsSync(this.path)) writeFileSync(this.path, segmentHeader(1))
  }

  get path(): string {
    return segmentPath(this.folder, this.#segment)
  }

  append(...records: readonly LogRecord[]): LogPosition {
    const buffer = new RecordBuffer()
    for (const record of records) buffer.append(record)
    appendFileSync(this.path, buffer.take())
    return this.end()
  }

  roll(): void {
    this.#segment += 1
    writeFileSync(this.path, segmentHeader(this.#segment))
  }

  end(): LogPosition {
    return { segment: this.#segment, offset: statSync(this.path).size }
  }
}

type MessageRecord = Extract<LogRecord, { type: 'message' }>

export function message(
  topic: string,
  payload: unknown,
  arrival: TimeMs,
  more: Partial<MessageRecord> = {},
): MessageRecord {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const client = topic.split('/')[3] ?? null
  const sent = { qos: 1, retain: false, dup: false, will: false } as const
  return { type: 'message', arrival, client, topic, payload: Buffer.from(text), ...sent, ...more }
}
