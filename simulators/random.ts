// Chance that can be repeated: every draw is a function of the seed and of a name, so that the same seed gives the same
// village whatever is asked first, and the past week and the live hour come out of one model.

/** Numbers in [0, 1), one after the other. */
export type Random = () => number

/** A source of its own for `names`, such as ('hotspot', 'hs-1', 42): equal names, equal draws. */
export function randomOf(seed: number, ...names: readonly (string | number)[]): Random {
  return sfc32(digest(`${seed}/${names.join('/')}`))
}

/** Sources by time for `names`: as `randomOf` with the time for its last name, without spelling the names each time. */
export function randomByTime(seed: number, ...names: readonly (string | number)[]): (time: number) => Random {
  const [a, b, c, d] = digest(`${seed}/${names.join('/')}`)
  return (time) => {
    const low = time >>> 0
    const high = Math.floor(time / 2 ** 32)
    return sfc32([mix(a ^ low), mix(b ^ high ^ low), mix(c + low), mix(d ^ Math.imul(low, 0x9e3779b1))])
  }
}

function sfc32([first, second, third, fourth]: readonly [number, number, number, number]): Random {
  let [a, b, c, d] = [first, second, third, fourth]
  // sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, passes BigCrush.
  return () => {
    const sum = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 2 ** 32
  }
}

/** Four 32-bit words of a text (FNV-1a with four offsets, then mixed as in MurmurHash3's finaliser). */
function digest(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x811c9dc5, 0x1b873593, 0x9e3779b9, 0x85ebca6b]
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    for (let word = 0; word < 4; word += 1)
      words[word] = Math.imul((words[word] ?? 0) ^ code ^ word, 0x01000193)
  }
  return words.map(mix) as [number, number, number, number]
}

function mix(word: number): number {
  let mixed = word
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** Normal with mean 0 and standard deviation 1 (Box and Muller 1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Log-normal of that median; `spread` is the standard deviation of the logarithm. */
export function logNormal(random: Random, median: number, spread: number): number {
  return median * Math.exp(spread * normal(random))
}

/** How many events of `rate` expected happen (Knuth, TAOCP 2, 3.4.1); for small rates. */
export function poisson(random: Random, rate: number): number {
  const limit = Math.exp(-rate)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count += 1
  return count
}

/** The last step asked of each noise: those who ask come in the order of time, and a step lasts for many of them. */
const steps = new Map<string, { step: number; before: number; after: number }>()

/** Smooth noise in [-1, 1] that changes over `periodMs`: the same at the same time, whenever it is asked. */
export function smoothNoise(seed: number, name: string, time: number, periodMs: number): number {
  const step = Math.floor(time / periodMs)
  const key = `${seed}/${name}`
  let ends = steps.get(key)
  if (ends?.step !== step) {
    const at = (one: number): number => randomOf(seed, name, one)() * 2 - 1
    ends = { step, before: at(step), after: at(step + 1) }
    steps.set(key, ends)
  }
  const part = time / periodMs - step
  // Smoothstep, so that the slope has no corners.
  return ends.before + (ends.after - ends.before) * part * part * (3 - 2 * part)
}
