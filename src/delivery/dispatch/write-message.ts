import type { FormatName } from '../subscriptions/format-names.ts'

/** A Told is an event as it is told to receivers. */
export interface EventEnvelope {
  eventId: string
  sourceId: string
  kind: string
  recordId: number
  happening: string
  /** When it happened, as far as that is known. */
  at: Date
  /** JSON. */
  payload: string
}

/** A Message is a body and its content type. */
export interface DeliveryMessage {
  contentType: string
  body: string
}

const JSON_TYPE = 'application/json; charset=utf-8'
const CLOUDEVENTS_TYPE = 'application/cloudevents+json; charset=utf-8'

/** One text for each event and format, however often it is sent: a repeated delivery is the same to the byte, but for its time and signature. */
export function writeMessage(
  format: FormatName,
  { eventId, sourceId, kind, recordId, happening, at, payload }: EventEnvelope,
): DeliveryMessage {
  // The payload is put in as it lies in the database: reading and writing it again would cost as much as everything else.
  const around = (fields: object, name: string) => `${JSON.stringify(fields).slice(0, -1)},"${name}":${payload}}`
  const type = `${kind}.${happening}`
  switch (format) {
    case 'record':
      return { contentType: JSON_TYPE, body: payload }
    case 'standard-webhooks':
      return { contentType: JSON_TYPE, body: around({ type, timestamp: at.toISOString() }, 'data') }
    case 'cloudevents': {
      const about = { source: `/sources/${sourceId}`, type: `dealbridge.${type}`, subject: `${kind}/${recordId}` }
      const attributes = { specversion: '1.0', id: eventId, ...about, time: at.toISOString(), datacontenttype: 'application/json' }
      return { contentType: CLOUDEVENTS_TYPE, body: around(attributes, 'data') }
    }
    case 'connector':
      return { contentType: JSON_TYPE, body: `{"body":{"value":[${payload}]}}` }
  }
}
