import { expect, test } from 'vitest'
import { indexMessage } from '../../lib/mime/indexer.ts'
import { readContent } from './content/message-content.ts'
import { collectEvidence } from './rules/evidence.ts'
import { applyRules } from './rules/rule.ts'
import { contentRules } from './rules/rules.ts'

/** Points without anything learned, and what gave them. */
function judged(text: string): { points: number; why: string } {
  const octets = Buffer.from(text.trimStart().replaceAll('\n', '\r\n'))
  const hits = applyRules(contentRules, collectEvidence(readContent(octets, indexMessage(octets))))
  return {
    points: hits.reduce((sum, { weight }) => sum + weight, 0),
    why: hits.map(({ symbol, weight }) => `${symbol}(${weight})`).join(' '),
  }
}

const date = 'Date: Thu, 15 Jan 2026 11:59:00 +0100'
const reply = 'In-Reply-To: <abc@home.test>\nReferences: <abc@home.test>'
const prose =
  'We are glad to tell you what is new, and hope to see you again soon in our shop in the old town. '
const hex = '0102030405060708090a'.replace('a', '1')

test.each<[string, string]>([
  [
    'a reply from Outlook, its umlauts written as entities',
    `From: "Bauer, Eva" <eva@firma.test>
To: "ann@home.test" <ann@home.test>
Subject: AW: Termin
Thread-Topic: Termin
${date}
Message-ID: <DB7PR01MB1234ABCDEF@DB7PR01MB1234.eurprd01.prod.exchangelabs.com>
${reply}
X-MS-Has-Attach:
Content-Language: de-DE
Content-Type: multipart/alternative; boundary="_000_DB7PR01MB1234ABC_"
MIME-Version: 1.0

--_000_DB7PR01MB1234ABC_
Content-Type: text/plain; charset="us-ascii"

Hallo Ann, das passt mir sehr gut, bis Freitag im neuen Haus.
--_000_DB7PR01MB1234ABC_
Content-Type: text/html; charset="us-ascii"

<html><head><style><!-- p {margin:0} --></style></head><body lang="DE"><p class="MsoNormal">Hallo Ann,&nbsp;das passt mir sehr gut, bis Freitag im neuen Haus. Sch&ouml;ne Gr&uuml;&szlig;e<o:p></o:p></p></body></html>
--_000_DB7PR01MB1234ABC_--
`,
  ],
  [
    'a photograph from Apple Mail',
    `From: Bob Example <bob@icloud.com>
Content-Type: multipart/mixed; boundary="Apple-Mail=_0A1B2C3D-1111-2222-3333-444455556666"
Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3774.600.62\\))
Subject: The garden
Message-Id: <0A1B2C3D-AAAA-BBBB-CCCC-1234567890AB@icloud.com>
${date}
To: Ann <ann@home.test>
X-Mailer: Apple Mail (2.3774.600.62)

--Apple-Mail=_0A1B2C3D-1111-2222-3333-444455556666
Content-Transfer-Encoding: 7bit
Content-Type: text/plain; charset=us-ascii

Look at it.
--Apple-Mail=_0A1B2C3D-1111-2222-3333-444455556666
Content-Disposition: inline; filename=IMG_1234.jpeg
Content-Type: image/jpeg; name="IMG_1234.jpeg"
Content-Transfer-Encoding: base64

/9j/4AAQSkZJRg==
--Apple-Mail=_0A1B2C3D-1111-2222-3333-444455556666--
`,
  ],
  [
    'a reply from Gmail',
    `MIME-Version: 1.0
${reply}
From: Carl Example <carl1984@gmail.com>
${date}
Message-ID: <CAFx1=abc_DEF+1234@mail.gmail.com>
Subject: Re: Lunch?
To: Ann <ann@home.test>
Content-Type: multipart/alternative; boundary="000000000000a1b2c3065a7b8c9d"

--000000000000a1b2c3065a7b8c9d
Content-Type: text/plain; charset="UTF-8"

Yes!
--000000000000a1b2c3065a7b8c9d
Content-Type: text/html; charset="UTF-8"

<div dir="ltr">Yes!</div>
--000000000000a1b2c3065a7b8c9d--
`,
  ],
  [
    'an older Thunderbird, whose boundaries are digits',
    `Message-ID: <4E5F6A7B.1020304@home.test>
${date}
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Thunderbird/60.9.0
MIME-Version: 1.0
To: Ann <ann@home.test>
From: Dora <dora@home.test>
Subject: The minutes
Content-Type: multipart/mixed; boundary="------------${hex}0203"

--------------${hex}0203
Content-Type: text/plain; charset=utf-8; format=flowed
Content-Transfer-Encoding: 8bit

Here they are. Grüße, Dora
--------------${hex}0203
Content-Type: application/vnd.oasis.opendocument.text; name="minutes.odt"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="minutes.odt"

UEsDBA==
--------------${hex}0203--
`,
  ],
  [
    'a newsletter made with MJML: cells without a size, a filled-up preview, no end of its head',
    `From: The Shop <news@shop.test>
To: ann@home.test
Reply-To: hello@shop.test
${date}
Subject: News of January
Message-ID: <20260115.1234@mail.shop.test>
List-Unsubscribe: <https://mail.shop.test/u/1>, <mailto:u@shop.test>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<html><head><title>News</title><meta charset="utf-8">
<body><div style="display:none;max-height:0">All that is new${'&#847;&zwnj;&nbsp;&#8199;&shy;'.repeat(150)}</div>
<table style="border-width:0px"><tr><td style="font-size:0px;padding:10px"><div style="font-size:13px;line-height:0;">${prose.repeat(6)}</div>
<a href="https://click.counter.test/ls/1"><img src="https://img.shop.test/a.png"></a>
<a href="https://click.counter.test/ls/2">www.shop.test</a></td></tr></table></body></html>
`,
  ],
  [
    'an order confirmation in HTML',
    `From: "Books & More" <orders@books.test>
To: ann@home.test
${date}
Subject: Your order 302-1234567 (EUR 23.90)
Message-ID: <0102019b@eu-west-1.mailservice.test>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="----=_Part_1234_567890.1768471140000"

------=_Part_1234_567890.1768471140000
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: quoted-printable

${prose}
Total: =E2=82=AC 23.90 https://www.books.test/orders/302-1234567
------=_Part_1234_567890.1768471140000
Content-Type: text/html; charset=UTF-8
Content-Transfer-Encoding: quoted-printable

<html><body><p>${prose.repeat(4)}</p><p>Total: =E2=82=AC 23.90 <a href=3D"https://www.books.test/orders/302-1234567?ref=3Dmail_confirmation">Your order</a></p><img src=3D"https://www.books.test/o.gif?id=3Dabcdefghijklmnop"></body></html>
------=_Part_1234_567890.1768471140000--
`,
  ],
  [
    'an invoice with a PDF, sent by a program in Python',
    `Content-Type: multipart/mixed; boundary="===============1234567890123456789=="
MIME-Version: 1.0
From: Power Company <invoices@power.test>
To: ann@home.test
Subject: Invoice 2026-0001
${date}
Message-ID: <176847114012.7.1234567890123456789@app.power.test>

--===============1234567890123456789==
Content-Type: text/plain; charset="utf-8"
MIME-Version: 1.0
Content-Transfer-Encoding: 7bit

Dear customer, your invoice is attached. It will be debited from your bank account.
--===============1234567890123456789==
Content-Type: application/pdf
MIME-Version: 1.0
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="invoice.pdf"

JVBERi0xLjQ=
--===============1234567890123456789==--
`,
  ],
  [
    'an invitation to a meeting',
    `From: Eva <eva@firma.test>
To: Ann <ann@home.test>
Subject: Invitation: Parents' evening @ Thu 22 Jan 2026 19:00
${date}
Message-ID: <calendar-0b1c2d3e@firma.test>
Reply-To: Eva <eva@firma.test>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

You have been invited to: Parents' evening
--b1
Content-Type: text/calendar; charset=utf-8; method=REQUEST

BEGIN:VCALENDAR
METHOD:REQUEST
END:VCALENDAR
--b1--
`,
  ],
  [
    'a bounce',
    `From: MAILER-DAEMON@mx.far.test (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: ann@home.test
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4c1234abcd.1768471140/mx.far.test"
${date}
Message-Id: <20260115105900.4C1234ABCD@mx.far.test>

--4c1234abcd.1768471140/mx.far.test
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.
--4c1234abcd.1768471140/mx.far.test
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.far.test
--4c1234abcd.1768471140/mx.far.test
Content-Type: message/rfc822

From: Ann <ann@home.test>
Subject: x

y
--4c1234abcd.1768471140/mx.far.test--
`,
  ],
  [
    'a post to a mailing list',
    `From: Frank via talk <talk@lists.club.test>
Reply-To: Frank <frank@gmx.net>
To: talk@lists.club.test
Subject: [talk] Re: Summer party
${date}
Message-ID: <5f0b1c2d-1111-2222-3333-444455556666@gmx.net>
${reply}
List-Id: Talk of the club <talk.lists.club.test>
List-Post: <mailto:talk@lists.club.test>
List-Unsubscribe: <mailto:talk-leave@lists.club.test>
Precedence: list
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

SWNoIGJyaW5nZSBkZW4gS3VjaGVuIG1pdC4gR3LDvMOfZSE=
`,
  ],
  [
    'club news to hidden recipients',
    `From: Club <club@home.test>
To: undisclosed-recipients:;
Subject: Meeting on Friday
${date}
Message-ID: <1@home.test>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

${prose}
`,
  ],
  [
    'a report of a laboratory, with Greek letters',
    `From: Praxis <praxis@arzt.test>
To: ann@home.test
Subject: =?utf-8?B?${Buffer.from('【検査結果】HBA1C LDL TNF').toString('base64')}?=
${date}
Message-ID: <1@arzt.test>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

10 µmol, 20 µmol, 30 μmol/l, TNFα, IFNγ, TGFβ and λmax.
`,
  ],
])('%s is no spam', (_, text) => {
  const { points, why } = judged(text)
  expect(points, why).toBeLessThanOrEqual(3)
})
