import { expect, test } from 'vitest'
import { csvLine, fromCell, parseCsv } from './csv.ts'

const cellsOf = (text: string) => {
  const read = parseCsv(text)
  return read.kind === 'table' ? read.records.map(({ cells }) => cells) : read
}

test.each([
  [
    'a,b\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,b\r\n1,2\r\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    '\uFEFFa;b\r1;2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a\tb\n1\t2,3',
    [
      ['a', 'b'],
      ['1', '2,3'],
    ],
  ],
  [
    'a,b\n"x, ""y""",',
    [
      ['a', 'b'],
      ['x, "y"', ''],
    ],
  ],
  [
    'a,b\n"two\r\nlines",2',
    [
      ['a', 'b'],
      ['two\r\nlines', '2'],
    ],
  ],
  [
    'a,b\n\n,\n1,2\n\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,b\n,2',
    [
      ['a', 'b'],
      ['', '2'],
    ],
  ],
  [
    'a,b\nsay "hi",2',
    [
      ['a', 'b'],
      ['say "hi"', '2'],
    ],
  ],
  ['', []],
])('%j is %j', (text, cells) => {
  expect(cellsOf(text)).toEqual(cells)
})

test.each([
  ['a,b\n1,"open', 2],
  ['a\n"x"y', 2],
])('%j has a quote that is not closed, or closed too early', (text, line) => {
  expect(parseCsv(text)).toEqual({ kind: 'open-quote', line })
})

test('a line is where it begins, behind cells of several lines', () => {
  const read = parseCsv('a,b\n"1\n2\n3",x\n4,y')
  expect(read.kind === 'table' && read.records.map(({ line }) => line)).toEqual([1, 2, 5])
})

test.each([
  '=HYPERLINK("http://evil.example")',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  "'=1",
  'plain',
  "it's",
  'x, "y"',
  'two\nlines',
])('%j is written as text, and read back', (cell) => {
  const line = csvLine([cell, 'x'])
  expect(line).not.toMatch(/^"?[=+\-@\t\r]/)
  const [[read = ''] = []] = cellsOf(line) as string[][]
  expect(fromCell(read)).toBe(cell)
})

test.each(['"'.repeat(500_001), '","'.repeat(200_000), 'x"'.repeat(300_000)])(
  'a long hostile text is read to its end',
  (text) => {
    expect(parseCsv(`a,b\n${text}`).kind).toMatch(/table|open-quote/)
  },
)
