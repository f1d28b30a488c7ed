// `Map.groupBy` of ES2024, which Node 20 lacks.

/** Members by key, in the order in which they came. */
export function groupBy<K, T>(members: Iterable<T>, key: (member: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const member of members) {
    const name = key(member)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [member])
    else group.push(member)
  }
  return groups
}
