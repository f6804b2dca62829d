import { expect, test } from 'vitest'
import { fieldDropper, fieldPicker, fieldValue, fieldValues, readHeader } from './header.ts'

const block = [
  'From mbox Mon Jan  1 00:00:00 2024',
  'Received: by a;\r\n\tfrom b',
  'SUBJECT : one\r\n two',
  'received: by c',
  'X-Empty:',
  '',
  'Subject: in the body',
].join('\r\n')

test.each([
  ['received', ['by a;\tfrom b', 'by c']],
  ['subject', ['one two']],
  ['x-empty', ['']],
  ['from', []],
])('the values of %s are %j', (name, values) => {
  expect(fieldValues(readHeader(Buffer.from(block)), name)).toEqual(values)
})

test.each([
  ['an empty block', '', 0, 0],
  ['an empty line first', '\r\nbody', 0, 2],
  ['a bare line feed as the empty line', 'a: b\n\nbody', 1, 6],
  ['no empty line', 'a: b\r\nc: d', 2, 10],
  ['a field without a line end', 'a: b', 1, 4],
  ['a first line that begins with a blank', ' x\r\na: b\r\n\r\n', 2, 12],
  ['a bare carriage return inside a value', 'a: b\rc: d\r\n\r\n', 1, 13],
  ['a lone carriage return at the end', 'a: b\r\n\r', 2, 7],
])('%s is read: %j', (_, raw, fields, end) => {
  const header = readHeader(Buffer.from(raw))
  expect([header.fields.length, header.end]).toEqual([fields, end])
})

test('eight-bit values are UTF-8, or else windows-1252', () => {
  expect(fieldValue(readHeader(Buffer.from('a: grün\r\n')), 'a')).toBe('grün')
  expect(fieldValue(readHeader(Buffer.from('a: gr\xfcn\r\n', 'latin1')), 'a')).toBe('grün')
})

test('picks fields as they stand and ends with the empty line', () => {
  const picked = fieldPicker(['Subject', 'X-EMPTY', 'missing'])(block)
  expect(picked).toBe('SUBJECT : one\r\n two\r\nX-Empty:\r\n\r\n')
})

test('drops fields as they stand, and lines that are none stay', () => {
  const kept = fieldDropper(['received', 'x-empty'])(block)
  expect(kept).toBe('From mbox Mon Jan  1 00:00:00 2024\r\nSUBJECT : one\r\n two\r\n\r\n')
})

test('a header without an empty line still gives a selection that has one', () => {
  expect(fieldPicker(['a'])('a: b\r\n')).toBe('a: b\r\n\r\n')
})
