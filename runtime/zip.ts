// Zip archives in memory. What is read may be hostile, so names, sizes, ratio and checksum of every entry are held to
// limits before and while it is inflated. What is written is the same bytes on every machine: fflate's deflate is
// plain JavaScript of a pinned version, and the times inside are fixed. Source: PKWARE APPNOTE 6.3, sections 4.3 and 4.4.

import { crc32, inflateRawSync } from 'node:zlib'
import { zipSync } from 'fflate'

export interface ZipLimits {
  readonly maxEntries: number
  /** Inflated bytes of one entry. */
  readonly maxEntryBytes: number
  /** Inflated bytes of all entries. */
  readonly maxTotalBytes: number
  /** Inflated over packed bytes; held against entries of more than 64 KiB, since short ones may repeat honestly. */
  readonly maxRatio: number
}

export const ZIP_LIMITS: ZipLimits = {
  maxEntries: 200,
  maxEntryBytes: 256 * 1024 * 1024,
  maxTotalBytes: 512 * 1024 * 1024,
  maxRatio: 100,
}

export type ZipResult =
  | { readonly ok: true; readonly files: ReadonlyMap<string, Uint8Array> }
  | { readonly ok: false; readonly detail: string }

/**
 * The files of the archive by name, folders left out; or, in `detail`, the first rule that it breaks. Refused are
 * encrypted, split and ZIP64 archives, methods other than stored and deflate, names that are absolute, lead upwards
 * or occur twice, entries that overlap, and whatever goes beyond `limits`. Memory stays within `maxTotalBytes`.
 */
export function readZip(bytes: Uint8Array, limits: ZipLimits = ZIP_LIMITS): ZipResult {
  const directory = readDirectory(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), limits)
  if (!directory.ok) return directory
  const files = new Map<string, Uint8Array>()
  for (const entry of directory.entries) {
    if (entry.name.endsWith('/')) continue
    if (files.has(entry.name)) return refuse(`${entry.name} occurs twice`)
    const content = readEntry(bytes, entry)
    if (!content.ok) return refuse(`${entry.name} ${content.detail}`)
    files.set(entry.name, content.bytes)
  }
  return { ok: true, files }
}

/** An archive of `files`, sorted by name, times fixed at 1980-01-01: equal content gives equal bytes. */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const names = [...files.keys()].sort()
  const entries = Object.fromEntries(names.map((name) => [name, files.get(name) ?? new Uint8Array()]))
  return zipSync(entries, { level: 9, mtime: new Date(1980, 0, 1) })
}

interface Entry {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly packedBytes: number
  readonly fullBytes: number
  /** Where its local header begins. */
  readonly offset: number
}

type Refusal = { readonly ok: false; readonly detail: string }

const END_SIGNATURE = 0x06054b50
const DIRECTORY_SIGNATURE = 0x02014b50
const LOCAL_SIGNATURE = 0x04034b50
const END_BYTES = 22
const SMALL_ENTRY_BYTES = 64 * 1024

function readDirectory(bytes: Buffer, limits: ZipLimits): { ok: true; entries: Entry[] } | Refusal {
  const end = findEnd(bytes)
  if (end === -1) return refuse('the file is no zip archive (it has no end of central directory)')
  const count = bytes.readUInt16LE(end + 10)
  if (bytes.readUInt16LE(end + 4) !== 0 || bytes.readUInt16LE(end + 8) !== count)
    return refuse('the archive is split')
  const start = bytes.readUInt32LE(end + 16)
  if (count === 0xffff || start === 0xffffffff) return refuse('the archive is ZIP64; save it as a plain zip')
  if (count > limits.maxEntries)
    return refuse(`the archive holds ${count} entries; at most ${limits.maxEntries} are read`)
  const entries: Entry[] = []
  let at = start
  let totalBytes = 0
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > end || bytes.readUInt32LE(at) !== DIRECTORY_SIGNATURE)
      return refuse('the central directory is damaged')
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28)
    const next = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
    if (next > end) return refuse('the central directory is damaged')
    const entry: Entry = {
      name: bytes.toString('utf8', at + 46, nameEnd),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packedBytes: bytes.readUInt32LE(at + 20),
      fullBytes: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    }
    const fault = faultOfEntry(entry, bytes.readUInt16LE(at + 8), limits)
    if (fault !== null) return refuse(fault)
    totalBytes += entry.fullBytes
    if (totalBytes > limits.maxTotalBytes) {
      return refuse(`the archive inflates to more than ${limits.maxTotalBytes} bytes`)
    }
    entries.push(entry)
    at = next
  }
  return overlap(entries, start) ?? { ok: true, entries }
}

/** The end record lies at the end, before a comment of at most 65,535 bytes. */
function findEnd(bytes: Buffer): number {
  const least = Math.max(0, bytes.length - END_BYTES - 0xffff)
  for (let at = bytes.length - END_BYTES; at >= least; at -= 1) {
    if (bytes.readUInt32LE(at) === END_SIGNATURE) return at
  }
  return -1
}

function faultOfEntry(entry: Entry, flags: number, limits: ZipLimits): string | null {
  const { name, fullBytes, packedBytes } = entry
  if ((flags & 1) === 1) return `${name} is encrypted`
  if (entry.method !== 0 && entry.method !== 8)
    return `${name} is packed by method ${entry.method}; 0 and 8 are read`
  if (!isSafeName(name)) return `${JSON.stringify(name)} is a name that leads out of the archive`
  if (fullBytes > limits.maxEntryBytes)
    return `${name} inflates to ${fullBytes} bytes; at most ${limits.maxEntryBytes} are read`
  if (fullBytes > SMALL_ENTRY_BYTES && fullBytes > packedBytes * limits.maxRatio) {
    return `${name} inflates ${Math.ceil(fullBytes / Math.max(1, packedBytes))} to 1; at most ${limits.maxRatio} to 1 is read`
  }
  return null
}

function isSafeName(name: string): boolean {
  if (
    name === '' ||
    name.startsWith('/') ||
    name.includes('\\') ||
    name.includes('\0') ||
    /^[a-z]:/i.test(name)
  )
    return false
  return !name.split('/').some((part) => part === '..' || part === '.')
}

/** Entries that share packed bytes are how a small archive inflates without end (D. Fifield, WOOT 2019). */
function overlap(entries: readonly Entry[], directoryStart: number): Refusal | null {
  let free = 0
  for (const entry of [...entries].sort((a, b) => a.offset - b.offset)) {
    if (entry.offset < free) return refuse(`${entry.name} overlaps another entry`)
    free = entry.offset + 30 + entry.packedBytes
    if (free > directoryStart) return refuse(`${entry.name} runs into the central directory`)
  }
  return null
}

function readEntry(bytes: Uint8Array, entry: Entry): { ok: true; bytes: Uint8Array } | Refusal {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(entry.offset, true) !== LOCAL_SIGNATURE) return refuse('has no local header')
  const start =
    entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true)
  const packed = bytes.subarray(start, start + entry.packedBytes)
  const content = entry.method === 0 ? packed : inflateWithin(packed, entry.fullBytes)
  if (content === null || content.length !== entry.fullBytes)
    return refuse('does not inflate to the size it states')
  if (crc32(content) !== entry.crc) return refuse('fails its checksum')
  return { ok: true, bytes: content }
}

/** Null when the data are damaged or go beyond `mostBytes`: zlib stops at that size, so a lie about it costs nothing. */
function inflateWithin(packed: Uint8Array, mostBytes: number): Uint8Array | null {
  try {
    const content = inflateRawSync(packed, { maxOutputLength: Math.max(1, mostBytes) })
    return new Uint8Array(content.buffer, content.byteOffset, content.length)
  } catch {
    return null
  }
}

function refuse(detail: string): Refusal {
  return { ok: false, detail }
}
