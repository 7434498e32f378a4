import { describe, expect, test } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { Secret } from '../../kit/secret.ts'
import { version } from '../../kit/version.ts'
import { newSigningKey } from './targets/endpoint-secrets.ts'
import { webhookHeaders } from './webhook-headers.ts'
import { writeMessage, type EventEnvelope } from './write-message.ts'

const record = { id: 42, title: 'Größe "XL" 😀\u2028', nested: { a: [1, null] } }
const event: EventEnvelope = {
  eventId: 'event-1',
  sourceId: 'source-1',
  kind: 'deal',
  recordId: 42,
  happening: 'moved',
  at: new Date('2026-11-22T10:00:00Z'),
  payload: JSON.stringify(record),
}
const read = (body: string) => JSON.parse(body) as unknown

describe('the formats of a delivery', () => {
  test('record: the record itself', () => {
    const { contentType, body } = writeMessage('record', event)
    expect(contentType).toBe('application/json; charset=utf-8')
    expect(read(body)).toEqual(record)
  })

  test('standard-webhooks: type, timestamp and data', () => {
    const { body } = writeMessage('standard-webhooks', event)
    expect(read(body)).toEqual({ type: 'deal.moved', timestamp: '2026-11-22T10:00:00.000Z', data: record })
  })

  test('cloudevents: the JSON of CloudEvents 1.0, with its content type', () => {
    const { contentType, body } = writeMessage('cloudevents', event)
    expect(contentType).toBe('application/cloudevents+json; charset=utf-8')
    expect(read(body)).toEqual({
      specversion: '1.0',
      id: 'event-1',
      source: '/sources/source-1',
      type: 'dealbridge.deal.moved',
      subject: 'deal/42',
      time: '2026-11-22T10:00:00.000Z',
      datacontenttype: 'application/json',
      data: record,
    })
  })

  test("connector: as the callbacks of Microsoft's connectors", () => {
    expect(read(writeMessage('connector', event).body)).toEqual({ body: { value: [record] } })
  })
})

describe('the headers of an attempt', () => {
  const message = writeMessage('record', event)

  test('name the delivery, the attempt and the program', () => {
    expect(webhookHeaders('delivery-1', 1_700_000_000_999, message)).toEqual({
      'content-type': message.contentType,
      accept: 'application/json, */*;q=0.1',
      'accept-encoding': 'identity',
      'user-agent': `Dealbridge/${version}`,
      'webhook-id': 'delivery-1',
      'webhook-timestamp': '1700000000',
    })
  })

  test('have a signature of the body that only the right key verifies', () => {
    const key = newSigningKey()
    const headers = webhookHeaders('delivery-1', Date.now(), message, key)
    expect(new Webhook(key.reveal()).verify(message.body, headers)).toEqual(record)
    expect(() => new Webhook(newSigningKey().reveal()).verify(message.body, headers)).toThrow()
    expect(() => new Webhook(key.reveal()).verify(message.body.replace('42', '43'), headers)).toThrow()
    expect(() => new Webhook(key.reveal()).verify(message.body, { ...headers, 'webhook-id': 'delivery-2' })).toThrow()
  })

  test('are those of the reference vector of Standard Webhooks', () => {
    const key = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    const headers = webhookHeaders(
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1_614_265_330_000,
      { contentType: 'x', body: '{"test": 2432232314}' },
      key,
    )
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })
})
