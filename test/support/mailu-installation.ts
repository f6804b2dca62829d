import { onTestFinished } from 'vitest'
import type { Installation } from '../../src/app/import-mailu/installation.ts'
import { readMailu } from '../../src/app/import-mailu/read-mailu.ts'
import { buildMailu, type MailuContent, type MailuRoot, mailuAlias, mailuDomain, mailuUser } from './mailu.ts'

/** One that goes with the test. */
export function mailuForTest(...args: Parameters<typeof buildMailu>): MailuRoot {
  const root = buildMailu(...args)
  onTestFinished(() => root.remove())
  return root
}

export function readForTest(path: string): Installation {
  const found = readMailu(path)
  if (found.kind !== 'read') throw new Error(found.text)
  return found.installation
}

/** Made with passlib 1.7.4, of “pässwort ☃ 1”. */
export const sha512 =
  '$6$8NYGfGDt1x0jVT3L$GJCfPuYe9qtXxPFzQdhf.2C6Jsrj95Oz3MIJ6n0O4Us1OoygrHujEM0Zoq.bMWHqgGBd9kp3RmKgME0XUk2hS0'
export const pbkdf2 = '$pbkdf2-sha256$1$rNW6N8Y4h/AeYyxljNF6rw$pmJBbzGj6HmEqRRGobiZk4GONxiRJST31JQ.zcMaQgE'

/** Something of everything. */
export const whole: MailuContent = {
  domain: [
    mailuDomain('xn--bro-hoa.example', {
      max_users: 10,
      max_quota_bytes: 5_000_000_000,
      signup_enabled: 1,
      anonmail_enabled: 1,
      comment: 'our office',
      created_at: '2021-03-04',
    }),
  ],
  alternative: [
    { name: 'two.example', domain_name: 'xn--bro-hoa.example' },
    { name: 'one.example', domain_name: 'xn--bro-hoa.example' },
  ],
  relay: [{ name: 'branch.example', smtp: 'mx:branch.example:2525', comment: null }],
  user: [
    mailuUser('ann@xn--bro-hoa.example', {
      password: sha512,
      quota_bytes: 0,
      global_admin: 1,
      allow_spoofing: 1,
      forward_enabled: 1,
      forward_destination: 'z@example.org,a@example.org',
      forward_keep: 0,
      reply_enabled: 1,
      reply_subject: 'Away',
      reply_body: 'Back\non Monday',
      reply_startdate: '2024-12-24',
      reply_enddate: '2025-01-06',
      displayed_name: 'Ann ☃',
      spam_mark_as_read: 1,
      spam_threshold: 65,
      change_pw_next_login: 1,
      created_at: '2019-02-28',
    }),
    mailuUser('ben@xn--bro-hoa.example', { password: `{SHA512-CRYPT}${sha512}`, enabled: 0, comment: null }),
  ],
  alias: [
    mailuAlias('%@xn--bro-hoa.example', 'ben@xn--bro-hoa.example,ann@xn--bro-hoa.example', { wildcard: 1 }),
    mailuAlias('shop.x7@xn--bro-hoa.example', 'ann@xn--bro-hoa.example', {
      owner_email: 'ann@xn--bro-hoa.example',
      hostname: 'shop.example',
      disabled: 1,
    }),
  ],
  token: [
    {
      id: 7,
      user_email: 'ann@xn--bro-hoa.example',
      password: pbkdf2,
      ip: '192.0.2.0/24,2001:db8::1',
      comment: 'phone',
    },
  ],
  fetch: [
    {
      ...{
        id: 3,
        user_email: 'ben@xn--bro-hoa.example',
        protocol: 'pop3',
        host: 'pop.example.org',
        port: 995,
        tls: 1,
      },
      ...{ username: 'ben', password: 'clear, text', keep: 1, scan: 1, folders: 'INBOX,Junk', invisible: 1 },
    },
  ],
  manager: [{ domain_name: 'xn--bro-hoa.example', user_email: 'ben@xn--bro-hoa.example' }],
  domain_access: [{ id: 1, domain_name: 'xn--bro-hoa.example', user_email: 'ann@xn--bro-hoa.example' }],
  config: [{ name: 'theme', value: '{"dark":true}' }],
}
