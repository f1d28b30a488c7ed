// Indices that are lines between breakpoints.

/** [concentration, index], rising. */
export type Nodes = readonly (readonly [number, number])[]

/** The line between the nodes around `concentration`; beyond the last node the last line goes on. Null below the first node. */
export function onLine(nodes: Nodes, concentration: number): number | null {
  const first = nodes[0]
  if (first === undefined || !Number.isFinite(concentration) || concentration < first[0]) return null
  let upper = nodes.findIndex(([node]) => concentration <= node)
  if (upper === 0) return first[1]
  if (upper < 0) upper = nodes.length - 1
  const high = nodes[upper]
  const low = nodes[upper - 1]
  if (high === undefined || low === undefined) return null
  return ((high[1] - low[1]) / (high[0] - low[0])) * (concentration - low[0]) + low[1]
}
