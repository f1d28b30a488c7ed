// What a campaign orders of the log's disk in the broker's process, and what that disk says back: files beside the log's folder.

import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readIfPresent } from '../../runtime/files.ts'

export type DiskCall = 'create' | 'write' | 'sync'

export interface Orders {
  /** Told apart from orders before by it. */
  readonly id: number
  /** Code to fail with, by call. */
  readonly fail?: Readonly<Partial<Record<DiskCall, string>>>
  /** How many calls fail; all when it is absent. */
  readonly times?: number
  /** What the disk says is free. */
  readonly free?: number
  /** How long each sync takes. */
  readonly syncMs?: number
}

const ordersPath = (folder: string): string => `${folder}.orders`
const lengthsPath = (folder: string): string => `${folder}.synced`
const violationsPath = (folder: string): string => `${folder}.violations`

let lastId = 0

export function order(folder: string, orders: Omit<Orders, 'id'>): void {
  lastId += 1
  const path = ordersPath(folder)
  writeFileSync(`${path}.new`, JSON.stringify({ id: lastId, ...orders } satisfies Orders))
  renameSync(`${path}.new`, path)
}

/** Nothing is ordered any more. */
export function orderNothing(folder: string): void {
  rmSync(ordersPath(folder), { force: true })
}

export function ordersOf(folder: string): Orders | null {
  const text = readIfPresent(ordersPath(folder))
  return text === null ? null : (JSON.parse(text) as Orders)
}

/** Says what the product did that it never may, such as a second sync after a failed one. */
export function reportViolation(folder: string, what: string): void {
  appendFileSync(violationsPath(folder), `${what}\n`)
}

/** What was reported since the village began. */
export function violations(folder: string): readonly string[] {
  return readIfPresent(violationsPath(folder))?.trim().split('\n') ?? []
}

/** While this file is there, the store's thread is to end. `store`: path of its file. */
export function deathOrderPath(store: string): string {
  return `${store}.die`
}

const LENGTH_BYTES = 8

export function syncedLengthsPath(folder: string): string {
  return lengthsPath(folder)
}

/** A length is written in one piece at its segment's place, so that a kill cannot tear it. */
export function encodeLength(bytes: number): Buffer {
  const encoded = Buffer.alloc(LENGTH_BYTES)
  encoded.writeDoubleLE(bytes)
  return encoded
}

export function lengthPlace(segment: number): number {
  return segment * LENGTH_BYTES
}

/** Bytes of the segment that a sync has confirmed; 0 when none has. */
export function syncedLength(folder: string, segment: number): number {
  if (!existsSync(lengthsPath(folder))) return 0
  const all = readFileSync(lengthsPath(folder))
  const at = lengthPlace(segment)
  return at + LENGTH_BYTES > all.length ? 0 : all.readDoubleLE(at)
}
