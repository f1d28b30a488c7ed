// Finding by name among what the page already holds: devices, stops, routes, streets, places. Nothing is asked of anybody;
// case and diacritics do not count.

export interface Findable {
  /** What is selected when it is chosen: `hotspot:ID`, `stop:ID`, `route:ID`, or `at:LAT,LON` for a place of the base map. */
  readonly target: string
  readonly kind: 'hotspot' | 'sensor' | 'vehicle' | 'stop' | 'route' | 'street' | 'place'
  readonly name: string
  /** More to find it by: a route's long name. */
  readonly also: string
}

const MARKS = /\p{M}/gu

export function fold(text: string): string {
  return text.normalize('NFD').replace(MARKS, '').toLowerCase().trim()
}

/** The best matches: names that begin so, then those with a word that does, then those that hold it somewhere. */
export function findByName(all: Iterable<Findable>, query: string, most: number): readonly Findable[] {
  const words = fold(query).split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const found: { item: Findable; rank: number }[] = []
  for (const item of all) {
    const rank = rankOf(fold(item.name), fold(item.also), words)
    if (rank !== null) found.push({ item, rank })
  }
  found.sort(
    (a, b) =>
      a.rank - b.rank || a.item.name.length - b.item.name.length || (a.item.name < b.item.name ? -1 : 1),
  )
  return found.slice(0, most).map(({ item }) => item)
}

function rankOf(name: string, also: string, words: readonly string[]): number | null {
  const text = `${name} ${also}`
  if (!words.every((word) => text.includes(word))) return null
  const [first = ''] = words
  if (name.startsWith(words.join(' '))) return 0
  if (name.startsWith(first)) return 1
  return name.split(/[\s.,()/-]+/).some((word) => word.startsWith(first)) ? 2 : 3
}
