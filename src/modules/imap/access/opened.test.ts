import { expect, test } from 'vitest'
import type { Access } from './access.ts'
import type { Opened } from './opened.ts'

/** Never run: that it compiles is the test, and that each marked line would not. */
function typesHold(mail: Access<'x'>, seen: Opened<'l'>, read: Opened<'l' | 'r'>, target: Opened<'i'>): void {
  void read.rows([], [])
  // @ts-expect-error what is seen is not read
  void seen.rows([], [])
  // @ts-expect-error who reads does not expunge
  void read.expunge()
  // @ts-expect-error who reads does not take away
  void read.moveTo([], target)
  // @ts-expect-error to copy into a mailbox takes a right of its own
  void read.copyTo([], seen)
  // @ts-expect-error who sees a mailbox does not administer it
  void seen.grants()
  // @ts-expect-error a right that a command has not named is not to be had
  void mail.open('INBOX', 'a')
  void mail.open('INBOX', 'x')
  // @ts-expect-error and less is never taken for more
  const more: Opened<'l' | 'r'> = seen
  // @ts-expect-error nor the access of one command for that of another
  const other: Access<'a'> = mail
  const less: Opened<'r'> = read
  void [more, other, less]
}

test('rights are types', () => {
  expect(typesHold).toBeTypeOf('function')
})
