import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { readAnswer, sign, type TsigKey, updateMessage } from './dns-message.ts'

const key: TsigKey = { name: 'acme-key', algorithm: 'hmac-sha256', secret: Buffer.from('secret') }
const now = Date.UTC(2026, 10, 21)
const record = { name: '_acme-challenge.Mail.example.test', text: 'proof' }
const asked = sign(updateMessage('example.test', record, 'add'), key, now)

/** The question itself as its answer, not signed: what an answer looks like from afar. */
const unsigned = () => {
  const answer = updateMessage('example.test', record, 'add')
  asked.message.copy(answer, 0, 0, 2)
  return answer
}

test('an update names its zone, its record, and takes it away again with another class', () => {
  const message = updateMessage('example.test', record, 'add')
  expect(message.subarray(2, 12).toString('hex')).toBe('28000001000000010000')
  expect(message.subarray(12, 30).toString('hex')).toBe('076578616d706c650474657374000006' + '0001')
  expect(message.toString('latin1')).toContain('\x0f_acme-challenge\x04mail\x07example\x04test\0')
  expect(message.subarray(-16).toString('hex')).toBe('001000010000003c00060570726f6f66')
  const removal = updateMessage('example.test', record, 'remove')
  expect(removal.subarray(-16).toString('hex')).toBe('001000fe0000000000060570726f6f66')
})

test('the signature is one more record', () => {
  expect(asked.message.readUInt16BE(10)).toBe(1)
  expect(asked.mac).toHaveLength(32)
})

test('an answer without a signature is not believed', () => {
  expect(readAnswer(unsigned(), asked, key, now)).toEqual({ kind: 'not-signed' })
})

test('an answer that is signed as a question is not believed', () => {
  expect(readAnswer(sign(unsigned(), key, now).message, asked, key, now)).toEqual({ kind: 'not-signed' })
})

test('an answer to another question is none', () => {
  const other = unsigned()
  other.writeUInt16BE((asked.message.readUInt16BE(0) + 1) & 0xffff, 0)
  expect(() => readAnswer(other, asked, key, now)).toThrow(BadSyntax)
})

test('whatever octets come, none of them is believed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      const answer = Buffer.concat([asked.message.subarray(0, 2), octets])
      try {
        expect(readAnswer(answer, asked, key, now).kind).not.toBe('answer')
      } catch (cause) {
        expect(cause).toBeInstanceOf(BadSyntax)
      }
    }),
  )
})
