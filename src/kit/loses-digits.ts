/** Without leading zeros, trailing zeros of the fraction, and a plus. */
const normal = (text: string): string =>
  text
    .replace(/^\+/, '')
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/\.0+$|(\.\d*[1-9])0+$/, '$1')

/** Whether a number that was written as `text`, without an exponent, is read as another one: 9007199254740993 becomes 9007199254740992. */
export function losesDigits(text: string, number: number): boolean {
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) return false
  const read = String(number)
  if (!read.includes('e')) return normal(text) !== normal(read) && !(number === 0 && /^[+-]?[0.]+$/.test(text))
  // Below 0.000001 and from 1e21 on a number is written with an exponent: 17 digits are read exactly.
  return text.replace(/^[+-]?[0.]+|\.|\.?0+$/g, '').length > 17
}
