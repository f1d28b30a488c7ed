// A disk for tests that forgets, at a power cut, all that was not synced: contents since the last fdatasync, and names made,
// changed or removed since their folder was last synced. Any call can be made to fail. Only what the queue calls is here.

import { basename, dirname } from 'node:path'
import type { Disk } from '../queue/segment.ts'

interface MemoryFile {
  content: Buffer
  synced: Buffer
}

export type DiskCall = {
  readonly name: keyof Disk
  readonly number: number
  readonly descriptor: number | null
}

export class MemoryDisk {
  /** Called before each call with its number from 1; throws to make the call fail. */
  before: (call: DiskCall) => void = () => {}
  calls = 0
  #names = new Map<string, MemoryFile>()
  #syncedNames = new Map<string, MemoryFile>()
  readonly #open = new Map<
    number,
    { file: MemoryFile | null; path: string; position: number; append: boolean }
  >()
  #nextDescriptor = 3

  /** The view that the queue takes. */
  get disk(): Disk {
    const calls: Record<string, (...args: never[]) => unknown> = {
      openSync: (path: string, flags: string) => this.#openFile(path, flags),
      closeSync: (fd: number) => this.#open.delete(fd),
      readSync: (fd: number, target: Buffer, offset: number, length: number, position: number) =>
        this.#file(fd).content.copy(target, offset, position, position + length),
      writeSync: (fd: number, bytes: Buffer, offset = 0, length = bytes.length - offset, position?: number) =>
        this.#write(fd, bytes.subarray(offset, offset + length), position),
      fstatSync: (fd: number) => ({ size: this.#file(fd).content.length }),
      fdatasyncSync: (fd: number) => {
        const file = this.#file(fd)
        file.synced = Buffer.from(file.content)
      },
      fsyncSync: () => {
        this.#syncedNames = new Map(this.#names)
      },
      ftruncateSync: (fd: number, size: number) => {
        const file = this.#file(fd)
        const content = Buffer.alloc(size)
        file.content.copy(content)
        file.content = content
      },
      renameSync: (from: string, to: string) => {
        this.#names.set(to, this.#named(from))
        this.#names.delete(from)
      },
      unlinkSync: (path: string) => {
        this.#named(path)
        this.#names.delete(path)
      },
      readdirSync: (folder: string) =>
        [...this.#names.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path)),
      mkdirSync: () => undefined,
    }
    return new Proxy({} as Disk, {
      get:
        (_, name: keyof Disk) =>
        (...args: never[]) => {
          this.calls += 1
          const descriptor = typeof args[0] === 'number' ? (args[0] as number) : null
          this.before({ name, number: this.calls, descriptor })
          return calls[name]?.(...args)
        },
    })
  }

  /** All that was not synced is gone, and every open file is closed. */
  cutPower(): void {
    this.#names = new Map(this.#syncedNames)
    for (const file of this.#names.values()) file.content = Buffer.from(file.synced)
    this.#open.clear()
  }

  paths(): string[] {
    return [...this.#names.keys()].sort()
  }

  content(path: string): Buffer {
    return this.#named(path).content
  }

  put(path: string, content: Buffer): void {
    this.#names.set(path, { content: Buffer.from(content), synced: Buffer.from(content) })
    this.#syncedNames.set(path, this.#named(path))
  }

  /** The same files on another disk, all synced. */
  copy(): MemoryDisk {
    const other = new MemoryDisk()
    for (const path of this.paths()) other.put(path, this.content(path))
    return other
  }

  #openFile(path: string, flags: string): number {
    const descriptor = this.#nextDescriptor
    this.#nextDescriptor += 1
    const existing = this.#names.get(path)
    if (flags === 'wx' && existing !== undefined) throw systemError('EEXIST')
    if (!flags.startsWith('r') && existing === undefined) {
      this.#names.set(path, { content: Buffer.alloc(0), synced: Buffer.alloc(0) })
    }
    const file = this.#names.get(path) ?? null
    const isFolder = file === null && [...this.#names.keys()].some((name) => dirname(name) === path)
    if (file === null && !isFolder) throw systemError('ENOENT')
    if (flags === 'w' && file !== null) file.content = Buffer.alloc(0)
    this.#open.set(descriptor, { file, path, position: 0, append: flags.startsWith('a') })
    return descriptor
  }

  #write(descriptor: number, bytes: Buffer, position: number | undefined): number {
    const handle = this.#open.get(descriptor)
    if (handle?.file == null) throw systemError('EBADF')
    const at = handle.append ? handle.file.content.length : (position ?? handle.position)
    const content = Buffer.alloc(Math.max(handle.file.content.length, at + bytes.length))
    handle.file.content.copy(content)
    bytes.copy(content, at)
    handle.file.content = content
    handle.position = at + bytes.length
    return bytes.length
  }

  #file(descriptor: number): MemoryFile {
    const file = this.#open.get(descriptor)?.file
    if (file == null) throw systemError('EBADF')
    return file
  }

  #named(path: string): MemoryFile {
    const file = this.#names.get(path)
    if (file === undefined) throw systemError('ENOENT')
    return file
  }
}

/** An error as the system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}
