// Bundles of lines that are one street, drawn together. Samples of all lines are drawn to shared nodes, which then move to
// the middle of what they drew; links between nodes are the streets (clarification and clustering of traces: Cao and
// Krumm, ACM GIS 2009; the steps here are our own, simpler).

import { distanceM, type Xy } from './village-geometry.ts'

/** Lines nearer than this are one street: wider than a bundle, narrower than the two banks of a canal. */
const MERGE_M = 20
const SAMPLE_M = 3
/** What one pass leaves in pairs, since samples beside a node's edge fall on either side, the next one joins. */
const PASSES = 3
/** Dead ends shorter than this are left-overs of merging. */
const STUB_M = 40

/** A line in plane metres and the routes that run along it. */
export interface Run {
  readonly routes: readonly string[]
  /** Runs on a trunk route come first: others join their line. */
  readonly isTrunk: boolean
  readonly line: readonly Xy[]
}

interface Node {
  /** Sum and number of the samples drawn to it. */
  x: number
  y: number
  samples: number
  readonly seed: Xy
  /** Neighbours, each with the routes that run between. */
  readonly links: Map<number, Set<string>>
}

/** The streets that the runs make together, cut at their junctions; a street is a trunk where one of `trunks` runs. */
export function mergeRuns(runs: readonly Run[], trunks: ReadonlySet<string>): Run[] {
  let merged = runs
  for (let pass = 1; pass <= PASSES; pass += 1) {
    const nodes = drawTogether([...merged].sort(byWeight))
    dropShortcuts(nodes)
    dropStubs(nodes)
    if (pass === PASSES) smooth(nodes)
    merged = chainsOf(nodes).map((chain) => runOf(nodes, chain, trunks))
  }
  return [...merged]
}

function runOf(nodes: readonly Node[], chain: readonly number[], trunks: ReadonlySet<string>): Run {
  const routes = routesOf(nodes, chain)
  return {
    routes,
    isTrunk: routes.some((route) => trunks.has(route)),
    line: chain.map((index) => middleOf(nodes[index])),
  }
}

function byWeight(a: Run, b: Run): number {
  return Number(b.isTrunk) - Number(a.isTrunk) || b.line.length - a.line.length
}

function drawTogether(runs: readonly Run[]): Node[] {
  const nodes: Node[] = []
  const grid = new Map<string, number[]>()
  const lines = runs.map((run) => samplesOf(run.line))
  // All nodes first: a sample on the end of two lines must find the same one from both.
  for (const sample of lines.flat()) {
    if (nearestNode(nodes, grid, sample) === null) addNode(nodes, grid, sample)
  }
  for (const [at, run] of runs.entries()) {
    let before: number | null = null
    for (const sample of lines[at] ?? []) {
      const index = nearestNode(nodes, grid, sample)
      const node = index === null ? undefined : nodes[index]
      if (index === null || node === undefined) continue
      node.x += sample[0]
      node.y += sample[1]
      node.samples += 1
      if (before !== null && before !== index) {
        for (const route of run.routes) link(nodes, before, index, route)
      }
      before = index
    }
  }
  return nodes
}

function samplesOf(line: readonly Xy[]): Xy[] {
  const samples: Xy[] = []
  for (const [index, a] of line.entries()) {
    const b = line[index + 1]
    if (b === undefined) return [...samples, a]
    const steps = Math.max(1, Math.ceil(distanceM(a, b) / SAMPLE_M))
    for (let step = 0; step < steps; step += 1) {
      samples.push([a[0] + ((b[0] - a[0]) * step) / steps, a[1] + ((b[1] - a[1]) * step) / steps])
    }
  }
  return samples
}

function cellOf([x, y]: Xy, dx = 0, dy = 0): string {
  return `${Math.floor(x / MERGE_M) + dx},${Math.floor(y / MERGE_M) + dy}`
}

function nearestNode(nodes: readonly Node[], grid: ReadonlyMap<string, number[]>, sample: Xy): number | null {
  let nearest: number | null = null
  let nearestM = MERGE_M
  for (let dx = -1; dx <= 1; dx += 1) {
    for (let dy = -1; dy <= 1; dy += 1) {
      for (const index of grid.get(cellOf(sample, dx, dy)) ?? []) {
        const node = nodes[index]
        const awayM = node === undefined ? Number.POSITIVE_INFINITY : distanceM(sample, node.seed)
        if (awayM < nearestM) [nearest, nearestM] = [index, awayM]
      }
    }
  }
  return nearest
}

function addNode(nodes: Node[], grid: Map<string, number[]>, seed: Xy): number {
  const index = nodes.push({ x: 0, y: 0, samples: 0, seed, links: new Map() }) - 1
  const cell = grid.get(cellOf(seed)) ?? []
  if (cell.length === 0) grid.set(cellOf(seed), cell)
  cell.push(index)
  return index
}

function link(nodes: readonly Node[], a: number, b: number, route: string): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const links = nodes[from]?.links
    const routes = links?.get(to) ?? new Set()
    routes.add(route)
    links?.set(to, routes)
  }
}

function unlink(nodes: readonly Node[], a: number, b: number): void {
  nodes[a]?.links.delete(b)
  nodes[b]?.links.delete(a)
}

function middleOf(node: Node | undefined): Xy {
  return node === undefined ? [0, 0] : [node.x / node.samples, node.y / node.samples]
}

/** A link that two other links say as well, by way of a node beside it, is a chord of the same street. */
function dropShortcuts(nodes: readonly Node[]): void {
  for (const [a, node] of nodes.entries()) {
    for (const [b, routes] of [...node.links].sort(
      (one, other) => lengthOf(nodes, a, other[0]) - lengthOf(nodes, a, one[0]),
    )) {
      const chordM = lengthOf(nodes, a, b)
      for (const c of [...node.links.keys()]) {
        if (c === b || nodes[c]?.links.has(b) !== true) continue
        if (chordM < Math.max(lengthOf(nodes, a, c), lengthOf(nodes, c, b))) continue
        for (const route of routes) {
          link(nodes, a, c, route)
          link(nodes, c, b, route)
        }
        unlink(nodes, a, b)
        break
      }
    }
  }
}

function lengthOf(nodes: readonly Node[], a: number, b: number): number {
  return distanceM(middleOf(nodes[a]), middleOf(nodes[b]))
}

/** Takes the zigzag out of streets whose two carriageways lie about as far apart as merging reaches. */
function smooth(nodes: readonly Node[]): void {
  const moved = nodes.map((node): Xy => {
    const here = middleOf(node)
    const [one, other] = [...node.links.keys()].map((index) => middleOf(nodes[index]))
    if (node.links.size !== 2 || one === undefined || other === undefined) return here
    return [here[0] / 2 + (one[0] + other[0]) / 4, here[1] / 2 + (one[1] + other[1]) / 4]
  })
  for (const [index, node] of nodes.entries()) {
    const [x, y] = moved[index] ?? [0, 0]
    node.x = x * node.samples
    node.y = y * node.samples
  }
}

function dropStubs(nodes: readonly Node[]): void {
  for (const chain of chainsOf(nodes)) {
    const [first, last] = [chain[0] ?? 0, chain.at(-1) ?? 0]
    const isDeadEnd = nodes[first]?.links.size === 1 || nodes[last]?.links.size === 1
    const lengthM = chain
      .slice(1)
      .reduce((sum, index, at) => sum + lengthOf(nodes, chain[at] ?? index, index), 0)
    if (!isDeadEnd || lengthM >= STUB_M) continue
    for (const [at, index] of chain.slice(1).entries()) unlink(nodes, chain[at] ?? index, index)
  }
}

/** The graph as lines between its junctions and ends; what goes round without one is a line that closes. */
function chainsOf(nodes: readonly Node[]): number[][] {
  const used = new Set<string>()
  const keyOf = (a: number, b: number): string => (a < b ? `${a}-${b}` : `${b}-${a}`)
  const walk = (start: number, second: number): number[] => {
    const chain = [start, second]
    used.add(keyOf(start, second))
    for (;;) {
      const [before, here] = [chain.at(-2), chain.at(-1) ?? start]
      const links = nodes[here]?.links
      if (links === undefined || links.size !== 2 || here === start) return chain
      const next = [...links.keys()].find((index) => index !== before)
      if (next === undefined || used.has(keyOf(here, next))) return chain
      used.add(keyOf(here, next))
      chain.push(next)
    }
  }
  const chains: number[][] = []
  for (const onlyJunctions of [true, false]) {
    for (const [index, node] of nodes.entries()) {
      if (onlyJunctions && node.links.size === 2) continue
      for (const next of node.links.keys()) {
        if (!used.has(keyOf(index, next))) chains.push(walk(index, next))
      }
    }
  }
  return chains
}

/** Routes that run along at least half of the chain: others only touch it where it begins or ends. */
function routesOf(nodes: readonly Node[], chain: readonly number[]): string[] {
  const links = new Map<string, number>()
  for (const [at, index] of chain.slice(1).entries()) {
    for (const route of nodes[index]?.links.get(chain[at] ?? -1) ?? [])
      links.set(route, (links.get(route) ?? 0) + 1)
  }
  return [...links].filter(([, count]) => count * 2 >= chain.length - 1).map(([route]) => route)
}
