import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCompoundFile } from '../../src/modules/antivirus/macros/compound-file.ts'
import { inspectDocument } from '../../src/modules/antivirus/macros/inspect-document.ts'
import { compoundFileOf } from '../support/compound-file.ts'
import { cpuMsOf } from '../support/cpu-time.ts'
import { docmWith, docWith, stompedDoc, vbaStorage } from '../support/macro-documents.ts'
import '../support/fuzz.ts'

const opening = { name: 'Module1', source: `Sub AutoOpen()\n${'x = x + 1\n'.repeat(2000)}End Sub` }
const documents = [docWith(opening), docmWith(opening), stompedDoc(), compoundFileOf(vbaStorage(opening))]

/** Numbers that lie in wait in a file of numbers: sectors, lengths, offsets. */
const number = fc
  .constantFrom(0, 1, 2, 3, 9, 12, 511, 0x7fffffff, 0xfffffffa, 0xfffffffd, 0xfffffffe, 0xffffffff)
  .map((value) => {
    const octets = Buffer.alloc(4)
    octets.writeUInt32LE(value)
    return octets
  })
const changes = fc.array(fc.tuple(fc.nat(), fc.oneof(number, fc.uint8Array({ maxLength: 6 }))), {
  maxLength: 20,
})

function damaged(file: Buffer, where: readonly (readonly [number, Uint8Array])[]): Buffer {
  const octets = Buffer.from(file)
  for (const [place, content] of where) {
    // Headers and tables are where it hurts.
    const at = place % (place % 3 === 0 ? 1024 : octets.length)
    octets.set(content.subarray(0, octets.length - at), at)
  }
  return octets
}

test('a damaged document is looked at without a complaint, and in no time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...documents), changes, fc.nat(), async (document, where, cut) => {
      const octets = damaged(document, where)
      const took = await cpuMsOf(() => inspectDocument(octets.subarray(0, octets.length - (cut % 600))))
      expect(took).toBeLessThan(2000)
    }),
  )
})

test('octets of any kind behind the mark of a compound file are read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (octets) => {
      const file = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), octets])
      for (const stream of readCompoundFile(file))
        expect(stream.read().length).toBeLessThanOrEqual(file.length)
    }),
  )
})

test('streams that run in circles and share their sectors end', async () => {
  const file = compoundFileOf(
    vbaStorage(...Array.from({ length: 300 }, (_, nth) => ({ ...opening, name: `M${nth}` }))),
  )
  // Every sector is followed by the first.
  const circle = Buffer.from(file)
  const fat = (file.readUInt32LE(76) + 1) * 512
  for (let at = fat; at + 4 <= circle.length; at += 4) circle.writeUInt32LE(0, at)
  expect(await cpuMsOf(() => inspectDocument(circle))).toBeLessThan(5000)
})
