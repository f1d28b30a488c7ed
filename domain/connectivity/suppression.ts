// What hangs below a parent that is down is unreachable, not down by itself (domain B7; nagioscore `base/checks.c`).

export interface Node {
  readonly isDown: boolean
  readonly parent: string | null
}

/**
 * The topmost of the unbroken chain of parents that are down above a device that is down; null when the device is down by
 * itself: its parent is up or unknown, absent, or the chain is a cycle.
 */
export function unreachableBy(id: string, nodes: ReadonlyMap<string, Node>): string | null {
  if (nodes.get(id)?.isDown !== true) return null
  const seen = new Set([id])
  let top: string | null = null
  for (
    let parent = nodes.get(id)?.parent ?? null;
    parent !== null;
    parent = nodes.get(parent)?.parent ?? null
  ) {
    if (seen.has(parent)) return null
    if (nodes.get(parent)?.isDown !== true) break
    seen.add(parent)
    top = parent
  }
  return top
}
