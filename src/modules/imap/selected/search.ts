/** Index of the first of the first `count` ascending numbers that is not below `value`. */
export function lowerBound(numbers: ArrayLike<number>, value: number, count = numbers.length): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((numbers[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
