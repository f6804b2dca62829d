import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openFilesLimit, replaceFile } from './files.ts'

test('a replaced file is whole, private, and alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'files-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'key.pem')
  await writeFile(`${path}.new`, 'left behind by a crash', { mode: 0o644 })
  await replaceFile(path, 'first')
  await replaceFile(path, 'second')
  expect(await readFile(path, 'utf8')).toBe('second')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['key.pem'])
})

test('the limit of open files is a number that allows for some', () => {
  expect(openFilesLimit()).toBeGreaterThan(50)
})
