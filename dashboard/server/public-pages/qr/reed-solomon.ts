// Reed-Solomon error correction of QR codes: bytes as polynomials over GF(256) with x^8 + x^4 + x^3 + x^2 + 1 (ISO/IEC 18004:2015,
// 7.5.2 and Annex A).

const FIELD = 0x11d

/** Product in the field. */
function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >>> 7) * FIELD)
    product ^= ((b >>> bit) & 1) * a
  }
  return product
}

/** Coefficients of (x - 1)(x - 2)(x - 4)... of that degree, highest first, without the leading 1 (Annex A, table A.1). */
export function generator(degree: number): readonly number[] {
  const coefficients: number[] = Array.from({ length: degree }, (_, index) => (index === degree - 1 ? 1 : 0))
  let root = 1
  for (let step = 0; step < degree; step += 1) {
    for (let index = 0; index < degree; index += 1) {
      coefficients[index] = multiply(coefficients[index] ?? 0, root) ^ (coefficients[index + 1] ?? 0)
    }
    root = multiply(root, 2)
  }
  return coefficients
}

/** The error correction codewords of a block: the rest of its division by the generator. */
export function correctionOf(data: readonly number[], degree: number): readonly number[] {
  const divisor = generator(degree)
  const rest: number[] = Array.from({ length: degree }, () => 0)
  for (const byte of data) {
    const factor = byte ^ (rest.shift() ?? 0)
    rest.push(0)
    for (const [index, coefficient] of divisor.entries()) {
      rest[index] = (rest[index] ?? 0) ^ multiply(coefficient, factor)
    }
  }
  return rest
}
