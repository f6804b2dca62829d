/** Why nothing more can be fetched, or a message was left, for the log and the command line; pages have the same in other languages. */
export const fetchTexts = {
  'unknown-host': 'There is no server named {{host}}.',
  'no-names': 'It cannot be found out at the moment where {{host}} is. We try again.',
  private:
    '{{host}} is in a private network. Whoever looks after this server can allow that with FETCH_NETWORKS.',
  port: 'Port {{port}} is no port for IMAP or POP3. Usual are 993, 143, 995 and 110.',
  ourselves: 'This is the very mailbox that the mail would go to.',
  unreachable: '{{host}} does not answer on port {{port}}. Is the port right, and is the server up?',
  silent: '{{host}} took too long to answer. We try again.',
  cut: '{{host}} ended the connection midway. We try again.',
  expired: 'The certificate of {{host}} is not valid: it has expired.',
  'not-yet': 'The certificate of {{host}} is not valid yet.',
  'other-name': 'The certificate of {{host}} is not valid: it is for another name.',
  unvouched: 'The certificate of {{host}} is not valid: nobody we know vouches for it.',
  'no-tls':
    'The connection to {{host}} on port {{port}} cannot be encrypted, so the password was not sent. Try TLS, and port 993 or 995.',
  password:
    '{{host}} does not accept the user name or the password. So that the account there is not locked, it is tried again only now and then: set the password again. Many providers want an app password. {{said}}',
  unreadable: 'The password cannot be read any more, since SECRET_KEY has changed. Set it again.',
  folder: 'There is no folder “{{folder}}” at {{host}}.',
  busy: '{{host}} asks us to come later. {{said}}',
  odd: '{{host}} does not answer as a server for {{protocol}} should.',
  numberless:
    '{{host}} does not number its messages, so it cannot be told which are new. Have them deleted there, or use IMAP.',
  full: 'The mailbox of {{user}} is full. What is there stays there until there is room.',
  'not-now': 'No mail can be taken at the moment: {{said}}',
  refused: 'The mail is not accepted here: {{said}}',
  long: 'There is much to fetch. It goes on at the next visit.',
  ending: 'The server is being stopped. It goes on when it is there again.',
  undeleted: 'Messages that were taken cannot be deleted there.',
  fault: 'Something went wrong here. The log of the server says more.',
  large: 'A message of {{size}} MB is larger than the {{most}} MB that fit.',
  circle: 'A message goes round in circles.',
  unwanted: 'A message was refused: {{said}}',
} as const
