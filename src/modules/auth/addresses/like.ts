/**
 * Matches as SQL LIKE does in Mailu: `%` is any run of characters, `_` one character; nothing escapes them. Both sides are
 * lower case already. Takes at most length × length steps, whatever the pattern.
 */
export function isLike(text: string, pattern: string): boolean {
  const have = Array.from(text)
  const want = Array.from(pattern)
  let at = 0
  let place = 0
  // Where to go on when the text behind the last % turns out longer.
  let afterRun = -1
  let runEnd = 0
  while (at < have.length) {
    if (want[place] === '%') {
      afterRun = ++place
      runEnd = at
    } else if (want[place] === '_' || (place < want.length && want[place] === have[at])) {
      at++
      place++
    } else if (afterRun >= 0) {
      place = afterRun
      at = ++runEnd
    } else {
      return false
    }
  }
  return want.slice(place).every((rest) => rest === '%')
}
