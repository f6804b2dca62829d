import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { address, startAuth } from '../../../test/support/auth.ts'
import { type MailuContent, mailuDomain, mailuUser } from '../../../test/support/mailu.ts'
import { mailuForTest, readForTest, sha512 } from '../../../test/support/mailu-installation.ts'
import { startStore } from '../../../test/support/store.ts'
import { createSieveScripts } from '../../modules/sieve/index.ts'
import { importMailu } from './import-mailu.ts'
import type { Finding } from './installation.ts'

const user = (name: string) => mailuUser(name, { password: sha512 })
const content: MailuContent = {
  domain: [mailuDomain('a.test'), mailuDomain('xn--bro-hoa.test')],
  user: [user('ann@a.test'), user('bob@a.test'), user('Carl@xn--bro-hoa.test')],
}

/** `mail/` of a Mailu: files by their paths; what begins with `->` is a link. */
function lay(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, 'mail', path)
    mkdirSync(join(file, '..'), { recursive: true })
    if (typeof text === 'string' && text.startsWith('->')) symlinkSync(text.slice(2), file)
    else writeFileSync(file, text)
  }
}

async function stage() {
  const { root } = mailuForTest(content)
  const store = await startStore()
  const auth = await startAuth({ mailAccounts: store.accounts })
  onTestFinished(async () => {
    await auth.end()
    await store.end()
  })
  const limits = { scripts: 9, scriptBytes: 1_048_576, bytes: 2_000_000 }
  const scripts = createSieveScripts({ store: store.scripts, limits })
  const ports = { reader: auth.admin, writer: auth.admin, secrets: auth.secrets, dkim: auth.dkimKeys }
  const account = async (of: string) => (await auth.admin.user(address(of)))?.account
  return {
    root,
    scripts,
    auth,
    /** Name, text, and a star where it is active. */
    async of(who: string) {
      const id = await account(who)
      if (id === undefined) return 'nobody'
      const entries = await scripts.list(id)
      return await Promise.all(
        entries.map(
          async ({ name, active }) => `${active ? '*' : ''}${name}: ${await scripts.get(id, name)}`,
        ),
      )
    },
    async put(who: string, name: string, text: string) {
      const id = await account(who)
      if (id !== undefined) await scripts.put(id, name, text)
    },
    async import(more: { update?: boolean; dryRun?: boolean } = {}) {
      const rules = { recipientDelimiter: '+', dkimSelector: 'dkim', environment: {}, update: false }
      const answer = await importMailu({ ...ports, hashes: auth.hashes, scripts }, readForTest(root), {
        postmaster: address('ann@a.test'),
        ...{ ...rules, dryRun: false, ...more },
      })
      if (answer.kind !== 'done' && answer.kind !== 'refused') throw new Error(answer.kind)
      const told = answer.json as { findings: Finding[]; counts?: { scripts: unknown } }
      const findings = told.findings.map(({ what, on, text }) => `${what}: ${on}: ${text}`)
      return { kind: answer.kind, findings, counts: told.counts?.scripts }
    },
  }
}

const annsFiles = {
  'ann@a.test/sieve/main.sieve': 'require "include"; include "part";',
  'ann@a.test/sieve/part.sieve': 'keep;',
  'ann@a.test/sieve/main.svbin': 'compiled',
  'ann@a.test/sieve/tmp/x.sieve': 'discard;',
  'ann@a.test/.dovecot.sieve': '->sieve/main.sieve',
  'carl@xn--bro-hoa.test/sieve/Büro.sieve': 'keep; # ü',
  'gone@a.test/sieve/x.sieve': 'keep;',
}

test('scripts come with their names, and the active one is active; those of nobody stay', async () => {
  const at = await stage()
  lay(at.root, annsFiles)
  expect(await at.import({ dryRun: true })).toMatchObject({ counts: { created: 3 } })
  expect(await at.of('ann@a.test')).toBe('nobody')
  expect(await at.import()).toEqual({
    kind: 'done',
    findings: [],
    counts: { created: 3, modified: 0, unchanged: 0 },
  })
  expect(await at.of('ann@a.test')).toEqual(['*main: require "include"; include "part";', 'part: keep;'])
  expect(await at.of('carl@xn--bro-hoa.test')).toEqual(['Büro: keep; # ü'])
  expect(await at.import()).toMatchObject({ findings: [], counts: { created: 0, unchanged: 3 } })
})

test('what differs here stops the import, or gives way to an update', async () => {
  const at = await stage()
  lay(at.root, annsFiles)
  await at.import()
  await at.put('ann@a.test', 'part', 'discard;')
  await at.put('ann@a.test', 'own', 'keep;')
  expect(await at.import()).toMatchObject({
    kind: 'refused',
    findings: ['different here: script part of ann@a.test: another text'],
  })
  expect(await at.import({ update: true })).toMatchObject({
    kind: 'done',
    counts: { created: 0, modified: 1, unchanged: 2 },
  })
  expect(await at.of('ann@a.test')).toEqual([
    '*main: require "include"; include "part";',
    'own: keep;',
    'part: keep;',
  ])
})

test('another script that is active here stops the import, or gives way to an update', async () => {
  const at = await stage()
  lay(at.root, annsFiles)
  await at.import()
  const ann = (await at.auth.admin.user(address('ann@a.test')))?.account
  if (ann !== undefined) await at.scripts.activate(ann, 'part')
  expect(await at.import()).toMatchObject({
    findings: ['different here: script main of ann@a.test: here part is active'],
  })
  await at.import({ update: true })
  expect(await at.of('ann@a.test')).toContain('*main: require "include"; include "part";')
})

test('what somebody has switched off here is not switched on by another import', async () => {
  const at = await stage()
  lay(at.root, annsFiles)
  await at.import()
  const ann = (await at.auth.admin.user(address('ann@a.test')))?.account
  if (ann !== undefined) await at.scripts.deactivate(ann)
  expect(await at.import()).toMatchObject({
    kind: 'refused',
    findings: ['different here: script main of ann@a.test: here none is active'],
  })
  expect(await at.of('ann@a.test')).toEqual(['main: require "include"; include "part";', 'part: keep;'])
})

test('a name whose letters are composed otherwise on disk is the same name here', async () => {
  const at = await stage()
  lay(at.root, {
    'ann@a.test/sieve/Bu\u0308ro.sieve': 'keep;',
    'ann@a.test/.dovecot.sieve': '->sieve/Bu\u0308ro.sieve',
  })
  await at.import()
  expect(await at.of('ann@a.test')).toEqual(['*Büro: keep;'])
  expect(await at.import()).toMatchObject({ kind: 'done', findings: [], counts: { unchanged: 1 } })
})

test('what cannot be kept is left out, with the reason, and stops nothing', async () => {
  const at = await stage()
  lay(at.root, {
    'ann@a.test/sieve/bad.sieve': 'keep;\nrequire "vnd.dovecot.pipe";',
    'ann@a.test/sieve/good.sieve': 'keep;',
    'ann@a.test/sieve/latin1.sieve': new Uint8Array([0x23, 0xfc, 0x0a]),
    'ann@a.test/sieve/large.sieve': `#${'x'.repeat(1_048_576)}`,
    'ann@a.test/sieve/.sieve': 'keep;',
    'ann@a.test/.dovecot.sieve': '->sieve/bad.sieve',
    'bob@a.test/.dovecot.sieve': 'discard;',
    'bob@a.test/sieve': 'no folder',
  })
  const { kind, findings, counts } = await at.import()
  expect([kind, counts]).toEqual(['done', { created: 2, modified: 0, unchanged: 0 }])
  expect(findings.sort()).toEqual([
    expect.stringMatching(/^script refused: active script bad of ann@a\.test: line 2: /),
    'script unreadable: ann@a.test large: it has 1048577 octets; 1048576 are the most that can be kept',
    'script unreadable: ann@a.test latin1: it is not in UTF-8',
  ])
  expect(await at.of('ann@a.test')).toEqual(['good: keep;'])
  expect(await at.of('bob@a.test')).toEqual(['*dovecot: discard;'])
})
