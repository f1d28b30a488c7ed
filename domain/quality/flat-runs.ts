// Where a line began to be flat: for each reading the first of the unbroken run that ends with it and lies within a tolerance. Two
// monotone queues (sliding extremes, Lemire 2006) find it in one pass, however long the run.

/** Index of the run's first reading, a reading; the run's greatest value less its least is below `tolerance`. */
export function flatRunStarts(values: ArrayLike<number>, tolerance: number): Int32Array {
  const starts = new Int32Array(values.length)
  const least = new Int32Array(values.length)
  const most = new Int32Array(values.length)
  let [leastHead, leastTail, mostHead, mostTail, start] = [0, 0, 0, 0, 0]
  const at = (index: number | undefined): number => values[index ?? 0] ?? Number.NaN
  for (let i = 0; i < values.length; i += 1) {
    const value = at(i)
    while (leastTail > leastHead && at(least[leastTail - 1]) >= value) leastTail -= 1
    least[leastTail++] = i
    while (mostTail > mostHead && at(most[mostTail - 1]) <= value) mostTail -= 1
    most[mostTail++] = i
    while (start < i && !(at(most[mostHead]) - at(least[leastHead]) < tolerance)) {
      start += 1
      if ((least[leastHead] ?? 0) < start) leastHead += 1
      if ((most[mostHead] ?? 0) < start) mostHead += 1
    }
    starts[i] = start
  }
  return starts
}
