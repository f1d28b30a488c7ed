// CPU and memory of processes, by the kernel's own accounts: it drifts less than wall time on a shared machine.

import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS_A_SECOND = 100

/** Seconds of CPU that the process and all below it, those that ended included, have used. */
export function cpuSeconds(pid: number): number {
  let ticks = 0
  for (const member of treeOf(pid)) ticks += ticksOf(member)
  return ticks / TICKS_A_SECOND
}

/** Bytes of memory that the process holds: VmRSS. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) * 1_024
}

function ticksOf(pid: number): number {
  const fields = statOf(pid)
  if (fields === null) return 0
  // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), counted from the state, which is field 3.
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0)
}

function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = Number(statOf(Number(name))?.[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const tree = [pid]
  for (let index = 0; index < tree.length; index += 1) tree.push(...(children.get(tree[index] ?? 0) ?? []))
  return tree
}

function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    // The process ended meanwhile.
    return null
  }
}
