import { expect, test } from 'vitest'
import { decodeWords } from './encoded-word.ts'
import { textLetter } from './text-letter.ts'

const letter = (subject: string, body = 'Hello', name = 'Home') =>
  textLetter({
    from: { name, address: 'postmaster@home.test' },
    to: 'ann@home.test',
    subject,
    body,
    now: 0,
    id: 'x@home.test',
  }).toString()

const headOf = (whole: string) => whole.slice(0, whole.indexOf('\r\n\r\n'))
const bodyOf = (whole: string) => Buffer.from(whole.slice(whole.indexOf('\r\n\r\n')), 'base64').toString()

test.each(['Hi\r\nBcc: eve@far.test', 'Hi\nX: y', 'Hi\rX: y', 'Hi\r\n\r\nbody'])(
  '%j makes no other field of the header',
  (text) => {
    for (const whole of [letter(text), letter('Hi', 'Hello', text)]) {
      const fields = headOf(whole).split(/\r\n(?! )/)
      expect(fields.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
        'From',
        'To',
        'Subject',
        'Date',
        'Message-ID',
        'Auto-Submitted',
        'MIME-Version',
        'Content-Type',
        'Content-Transfer-Encoding',
      ])
    }
  },
)

test('a long subject in any script comes back whole, from lines that are not too long', () => {
  const subject = 'Wartung am Wochenende – 維護 '.repeat(9).trim()
  const head = headOf(letter(subject))
  expect(Math.max(...head.split('\r\n').map((line) => line.length))).toBeLessThan(100)
  const [, found = ''] = /\r\nSubject: ((?:.*\r\n )*.*)/.exec(head) ?? []
  expect(decodeWords(found.replaceAll('\r\n', ''))).toBe(subject)
})

test('a name with quotes stays one name', () => {
  expect(headOf(letter('Hi', 'Hello', 'A "b", c'))).toContain('From: "A \\"b\\", c" <postmaster@home.test>')
})

test('the text has network line ends, whatever it was typed with', () => {
  expect(bodyOf(letter('Hi', 'Grüße\nzwei\r\ndrei\rvier\n\n'))).toBe('Grüße\r\nzwei\r\ndrei\r\nvier\r\n')
})
