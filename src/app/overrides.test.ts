import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readOverrides } from './overrides.ts'

test('every file that changed a program of Mailu is named, with what to do instead', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-overrides-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const files = [
    'postfix/transport.map',
    'postfix/postfix.cf',
    'nginx/mta-sts.conf',
    'nginx/dovecot/proxy.conf',
    'rspamd/multimap.conf',
    'notes.txt',
    '.gitkeep',
  ]
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), '')
  }
  expect(readOverrides(folder)).toEqual([
    { file: 'nginx/dovecot/proxy.conf', advice: expect.stringContaining('no nginx') },
    { file: 'nginx/mta-sts.conf', advice: expect.stringContaining('HOSTNAMES') },
    { file: 'notes.txt', advice: 'nothing here reads it' },
    { file: 'postfix/postfix.cf', advice: expect.stringContaining('no Postfix') },
    { file: 'postfix/transport.map', advice: expect.stringContaining('homepost route') },
    { file: 'rspamd/multimap.conf', advice: expect.stringContaining('DNS_LISTS') },
  ])
  expect(readOverrides(join(folder, 'missing'))).toEqual([])
})
