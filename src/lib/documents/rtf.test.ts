import { expect, test } from 'vitest'
import { rtfText } from './rtf.ts'

test.each([
  ["{\\rtf1\\ansi Gr\\'fc\\'dfe\\par n\\'e4chste}", 'Grüße\nnächste'],
  ["{\\rtf1\\ansicpg1251 \\'c4\\'e0}", 'Да'],
  ["{\\rtf1\\ansicpg932 \\'93\\'8c\\'8b\\'9e}", '東京'],
  ["{\\rtf1 5 \\u8364?, \\uc2\\u26481\\'93\\'8cx}", '5 €, 東x'],
  ['{\\rtf1{\\fonttbl\\f0 Arial;}{\\*\\generator no;}text{\\pict 0123}}', 'text'],
  ['{\\rtf1 a\\{b\\}\\\\c\\~d}', 'a{b}\\c d'],
  ['{\\rtf1 one\r\ntwo}', 'onetwo'],
  ['no group at all }}}', 'no group at all '],
])('%s is %j', (rtf, text) => {
  expect(rtfText(rtf)).toBe(text)
})

test('bears groups without end', () => {
  expect(rtfText('{'.repeat(1_000_000)).length).toBe(0)
  expect(rtfText('}'.repeat(1_000_000)).length).toBe(0)
})
