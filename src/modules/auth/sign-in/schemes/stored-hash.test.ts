import { describe, expect, test } from 'vitest'
import { cpuMsOf } from '../../../../../test/support/cpu-time.ts'
import { PasswordHasher } from '../hasher.ts'
import { readStoredHash } from './stored-hash.ts'

const hasher = new PasswordHasher()

/** Made with passlib 1.7.4, the two of argon2 with the reference library. */
const made: readonly (readonly [scheme: string, hash: string])[] = [
  ['bcrypt 2b', '$2b$05$0SgQFrD3ZOiERcw2mBauvOOnn46JGsFfX8O9N6okELfKiIXrurrUW'],
  ['bcrypt 2a', '$2a$05$lwuoA33tcV7Q0hQaxNAWSufd14pUKbezkIObUds9l2RB/iT5MHffe'],
  ['bcrypt 2y', '$2y$05$skCWEx9xV3acFSp0r5HkYeEf0hxPx2jNydIdkJES4mOxvKJtz8nS6'],
  ['bcrypt_sha256 version 1', '$bcrypt-sha256$2b,5$itqc4mxjn6mAScrYh6qWHO$zmlBDmr5BzaK38olBndSY9EwC85DNem'],
  [
    'bcrypt_sha256 version 2',
    '$bcrypt-sha256$v=2,t=2b,r=5$gCc1g.X90yCd2dffrtRhb.$wgjvMFk/FoXfJYcNaXIb/.RvLeMVu2e',
  ],
  ['sha256_crypt', '$5$rwCj4U3oF/K2QnJM$b.9kGE034ftrK5aIDwOXMe4II.twYqeIVXoCM94gXQ/'],
  ['sha256_crypt, rounds', '$5$rounds=1003$lYqGndAao7r6OBLs$tOJfX8CSYCCNGVpjU5xLR0Y30vynF.I0ckNHtZqdcD9'],
  [
    'sha512_crypt',
    '$6$8NYGfGDt1x0jVT3L$GJCfPuYe9qtXxPFzQdhf.2C6Jsrj95Oz3MIJ6n0O4Us1OoygrHujEM0Zoq.bMWHqgGBd9kp3RmKgME0XUk2hS0',
  ],
  [
    'sha512_crypt, rounds',
    '$6$rounds=1003$X13QBRT0jKx4wF.X$xjXffmJiY3rtKpNyeRvY6r8vkmIVk9YiakRvbREG2uCJ1ybNQw6bY.W3W3UkzRRFPVsKJPMYe9KaI2cYxnjHY/',
  ],
  ['md5_crypt', '$1$kpDQWjFJ$1TuJ25AAsiNLOEf/WTYTe0'],
  ['apr_md5_crypt', '$apr1$sjxNV82g$bh7/Vx1DvFCvpTibRvXVA.'],
  ['pbkdf2_sha1', '$pbkdf2$1000$ynmPMUYIoZRybg1BaA2BMA$7s/gDdeWP5hn0Tq5jtbaq5oQx.0'],
  ['pbkdf2_sha256', '$pbkdf2-sha256$1000$rNW6N8Y4h/AeYyxljNF6rw$pmJBbzGj6HmEqRRGobiZk4GONxiRJST31JQ.zcMaQgE'],
  [
    'pbkdf2_sha512',
    '$pbkdf2-sha512$1000$7R1DCOFcq/Wes9YaY.xdKw$Y8Kqs9fkKt4VHaRT2vAEEIxZOwDMBGYXdMMxQDtugUBW/MGiGP4IxcjpIXB7sWIODKZzFZBVDSwN.pCReJJBPg',
  ],
  ['ldap_pbkdf2_sha1', '{PBKDF2}1000$fS/FOOccI0ToPac0JsT4nw$jhBUq8CXQ4o7mRGr2oywwPpS3z8'],
  [
    'ldap_pbkdf2_sha256',
    '{PBKDF2-SHA256}1000$EKKUkjIGoHSOsXauFWJsrQ$lM9d3ddzOczqU/QuBGXnl0AvtGIhGNquF6s2uo20Zmk',
  ],
  ['phpass', '$P$55OmW55CyHHalfbf4Ii0MGlRhtS.7k0'],
  ['phpass H', '$H$56K2mFz8rYiL6rGM/nPkhfUpSbfwuZ1'],
  ['sun_md5_crypt', '$md5,rounds=10$.nIwh.3/$$tpzTEw7Y..Z5VTp2nNfRs.'],
  ['sha1_crypt', '$sha1$1000$FuB.s26f$Q1qaATnVGcDiZYdUdCc8SWWHP09D'],
  ['des_crypt', 'J0NyjTHCAZSnY'],
  ['bsdi_crypt', '_dD..f39tNP7DKmVjP0Q'],
  ['ldap_salted_sha1', '{SSHA}sW6sugg7L2J9Or/02ydK+dqS8HeL8Z4T'],
  ['ldap_salted_sha256', '{SSHA256}c8NuheBwZK8G+62kcTx+Tqhi9CmukugDHv1dCByXFaJtrfUeozRGiA=='],
  [
    'ldap_salted_sha512',
    '{SSHA512}YMYU6/7PE9BESymdXVicVp9kfytUG/7MtS6ED8Epn+Yzj5gminhY7EqhrwtqULHSIDdWwUKdcf4Xi3vFoeBmULD2vnfOube2',
  ],
  ['ldap_salted_md5', '{SMD5}66fnSbzpIa8SzHu0VUsT0uwdA2A='],
  ['ldap_sha1', '{SHA}/DOKxMCjG3kgatBOCcOAdhsEw8k='],
  ['ldap_md5', '{MD5}egYWd1HwBFVeOYrj4/xcDA=='],
  [
    '{SHA512-CRYPT}',
    '{SHA512-CRYPT}$6$rounds=1003$qG5soY2uaUsKufM1$vnWfUnAYbVDy4Zk9dKhb0C.aJd68taYwsoyD728hdB8pbgyxGgLd4MQyRmzxp2ahwlTu5JN0MYmPWWOUK3zbm.',
  ],
  [
    '{SHA256-CRYPT}',
    '{SHA256-CRYPT}$5$rounds=1003$inpDKRpMxrYAfn8.$fii1t7Unh64PaSBUdrAko/4cbxJ9xBsRfjkmZKR.cO8',
  ],
  ['{MD5-CRYPT}', '{MD5-CRYPT}$1$Jqe4hSB/$I.WH0v.wDdkfqlr/P2hX4/'],
  ['{BLF-CRYPT}', '{BLF-CRYPT}$2y$05$tIJ06baTdiRC9fUc5P829O0.rwlEwqzEbbOGoKSvU5dATO1XknCJe'],
  [
    '{PBKDF2}',
    '{PBKDF2}$pbkdf2-sha512$1000$VOo9Z8zZm/OeE0LoXas1Bg$9p33RKZ54N.CX07Lit/GlRckHb9duWx9KH2t3vuDcOlgC1g2tbgfKN.F1y87yRt7uvyni8.8lz2Ps9YTDWj1EA',
  ],
  ['{CRYPT}', '{CRYPT}ZKH/YcmD8Fxp6'],
  [
    'argon2i',
    '$argon2i$v=19$m=64,p=1,t=2$mbvIlEBhoBSb2OhuTLhueA$AO/9QNBfo3ODDN0KW7jKtuhNP0pt6UQh1Z9nNU76TTw',
  ],
  [
    'argon2d',
    '$argon2d$v=19$m=64,p=1,t=2$pB92BvFJQvxFPr2BuDd8CA$+HsXYKYO95yJ2stYPYw3Lp8N72CskwXhARqA5ZkiXK0',
  ],
]

/** Published with the schemes, and in passlib's documentation and tests. */
const published: readonly (readonly [password: string, hash: string])[] = [
  // Ulrich Drepper, SHA-crypt.txt
  ['Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  ['Hello world!', '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'],
  [
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    'we have a short salt string but not a short password',
    '$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0',
  ],
  ['', '$1$dOHYPKoP$tnxS1T8Q6VVn3kpV8cN6o.'],
  ['test', '$1$SuMrG47N$ymvzYjr7QcEQjaK5m1PGx1'],
  ['myPassword', '$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/'],
  ['password', '5f4dcc3b5aa765d61d8327deb882cf99'],
  ['password', '5E884898DA28047151D0E56F8DC6292773603D0D6AABBDD62A11EF721D1542D8'],
  ['test12345', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'],
  ['Gpcs3_adm', '$md5$zrdhpMlZ$$wBvMOEqbSjU.hu5T2VEP01'],
  ['this', '$md5$3UqYqndY$$6P.aaWOoucxxq.l00SS9k0'],
  ['password', '$sha1$19703$iVdJqfSE$v4qYKl1zqYThwpjJAoKX6UvlHq/a'],
  ['', 'OgAwTx2l6NADI'],
  ['test', 'N1tQbOFcM5fpg'],
  ['Compl3X AlphaNu3meric', 'um.Wguz3eVCx2'],
  ['U*U*U*U*', '_J9..CCCCXBrJUJV154M'],
  ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  [
    '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored',
    '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui',
  ],
  ['password', '$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ'],
]

test.each(made)('%s is verified', async (_, hash) => {
  expect(await hasher.check(hash, ['pässwort ☃ 1'])).toBe('right')
  expect(await hasher.check(hash, ['Pässwort ☃ 1', 'passwort ☃ 1'])).toBe('wrong')
  expect(await hasher.check(hash, ['', 'pässwort ☃ 1'])).toBe('right')
})

test.each(published)('%j has made %s', async (password, hash) => {
  expect(await hasher.check(hash, [password])).toBe('right')
  expect(await hasher.check(hash, [`${password.slice(0, 5)}x`])).toBe('wrong')
})

describe('cannot be used, and takes the time of any other', () => {
  test.each([
    ['no hash at all', '', 'unknown'],
    ['plaintext', 'correct horse', 'unknown'],
    ['plaintext of Dovecot', '{PLAIN}correct horse', 'unknown'],
    [
      'scrypt',
      '$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E',
      'unknown',
    ],
    ['a locked account', '!', 'unknown'],
    ['something cut off', '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO', 'unknown'],
    ['bcrypt of no cost', '$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'unknown'],
    ['bcrypt that takes a day', '$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'too-costly'],
    ['a billion rounds', `$6$rounds=999999999$x$${'a'.repeat(86)}`, 'too-costly'],
    [
      'argon2 with all the memory',
      '$argon2id$v=19$m=4194304,t=3,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
      'too-costly',
    ],
    [
      'argon2 with less than it needs',
      '$argon2id$v=19$m=8,t=3,p=4$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
      'unknown',
    ],
    [
      'PBKDF2 without rounds',
      '$pbkdf2-sha256$0$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ',
      'unknown',
    ],
  ])('%s', async (_, hash, why) => {
    expect(readStoredHash(hash)).toEqual({ kind: 'unusable', why })
    expect(await hasher.check(hash, ['correct horse', ''])).toBe('unusable')
  })
})

test('an hour of work on another thread stops nobody here', async () => {
  const slow = `$6$rounds=656000$saltstring$${'a'.repeat(86)}`
  const took = await cpuMsOf(async () => expect(await hasher.check(slow, ['x'])).toBe('wrong'))
  expect(took).toBeLessThan(200)
})
