// The two roundings that standards ask for, on the decimal value: binary fractions lie a hair beside it, so both look a billionth
// further (conventions of the domain's rules).

const HAIR = 1e-9

/** To the nearest whole number, 0.5 away from zero: 72.5 is 73, -0.5 is -1. Also when binary arithmetic made 72.5 a hair less. */
export function halfUp(value: number): number {
  const whole = Math.floor(Math.abs(value) + 0.5 + HAIR)
  return value < 0 && whole !== 0 ? -whole : whole
}

/** Drops the decimals after the first `digits` toward zero: 9.099999999999998, a mean of ten times 9.1, stays 9.1 with one digit. */
export function truncate(value: number, digits: number): number {
  const scale = 10 ** digits
  const whole = Math.floor(Math.abs(value) * scale + HAIR)
  return value < 0 && whole !== 0 ? -whole / scale : whole / scale
}
