import type { RecordId } from '../../kit/record-id.ts'

/**
 * The formats of a delivery: the record alone; the record with the signature headers of Standard Webhooks; a CloudEvent; and the body of
 * Microsoft's connector callbacks.
 */
export const deliveryFormats = ['record', 'standard-webhooks', 'cloudevents', 'connector'] as const
export type DeliveryFormat = (typeof deliveryFormats)[number]

/** An EventEnvelope is an event with the attributes that a delivery sends. */
export interface EventEnvelope {
  eventId: string
  sourceId: string
  kind: string
  recordId: RecordId
  happening: string
  /** When the event happened, or was recorded if that is unknown. */
  at: Date
  /** JSON. */
  payload: string
}

/** A DeliveryMessage is the body of a delivery and its content type. */
export interface DeliveryMessage {
  contentType: string
  body: string
}

const JSON_TYPE = 'application/json; charset=utf-8'
const CLOUDEVENTS_TYPE = 'application/cloudevents+json; charset=utf-8'

/** The same event and format always give the same bytes, so that a retry differs only in its timestamp and signature headers. */
export function writeMessage(
  format: DeliveryFormat,
  { eventId, sourceId, kind, recordId, happening, at, payload }: EventEnvelope,
): DeliveryMessage {
  // Inserts the stored JSON text as it is: parsing and serializing it would cost as much as the rest of a delivery.
  const wrap = (fields: object, name: string) => `${JSON.stringify(fields).slice(0, -1)},"${name}":${payload}}`
  const type = `${kind}.${happening}`
  switch (format) {
    case 'record':
      return { contentType: JSON_TYPE, body: payload }
    case 'standard-webhooks':
      return { contentType: JSON_TYPE, body: wrap({ type, timestamp: at.toISOString() }, 'data') }
    case 'cloudevents': {
      const origin = { source: `/sources/${sourceId}`, type: `dealbridge.${type}`, subject: `${kind}/${recordId}` }
      const attributes = { specversion: '1.0', id: eventId, ...origin, time: at.toISOString(), datacontenttype: 'application/json' }
      return { contentType: CLOUDEVENTS_TYPE, body: wrap(attributes, 'data') }
    }
    case 'connector':
      return { contentType: JSON_TYPE, body: `{"body":{"value":[${payload}]}}` }
  }
}
