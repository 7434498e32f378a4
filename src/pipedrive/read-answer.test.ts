import { expect, test } from 'vitest'
import { readAnswer, type ExpectedBody } from './read-answer.ts'

const read = (body: string, expected: ExpectedBody = 'record') => readAnswer({ status: 200, headers: {}, body }, expected)

test('a record is data when it has an id', () => {
  expect(read('{"success":true,"data":{"id":1}}')).toEqual({ kind: 'data', data: { id: 1 }, nextCursor: null })
  expect(read('{"success":true,"data":{}}').kind).toBe('error')
  expect(read('{"success":true,"data":null}').kind).toBe('error')
  expect(read('{"success":true,"data":[{"id":1}]}').kind).toBe('error')
})

test('a list comes with its cursor; an empty one may be null', () => {
  const page = '{"success":true,"data":[{"id":1}],"additional_data":{"next_cursor":"abc"}}'
  expect(read(page, 'list')).toEqual({ kind: 'data', data: [{ id: 1 }], nextCursor: 'abc' })
  expect(read('{"success":true,"data":null,"additional_data":{"next_cursor":null}}', 'list')).toEqual({
    kind: 'data',
    data: [],
    nextCursor: null,
  })
  expect(read('{"data":[]}', 'list')).toEqual({ kind: 'data', data: [], nextCursor: null })
  expect(read('{"success":true,"data":{"id":1}}', 'list').kind).toBe('error')
})

test('success false is an error even when data comes with it', () => {
  expect(read('{"success":false,"error":"Deal not found","data":{"id":1}}')).toEqual({ kind: 'error', text: 'Deal not found' })
})

test('the text of an error is found in each form that Pipedrive uses', () => {
  expect(read('{"status":"error","success":false,"errors":{"id":["not found"]}}')).toEqual({ kind: 'error', text: '{"id":["not found"]}' })
  expect(read('{"success":false,"message":"Forbidden"}')).toEqual({ kind: 'error', text: 'Forbidden' })
  expect(read('{"success":false}')).toEqual({ kind: 'error', text: '' })
})

test.each(['', '<!DOCTYPE html><html></html>', '{"success":true,"data":{"id"', '"text"', 'null', '[1]'])('%j is unreadable', (body) => {
  expect(read(body)).toEqual({ kind: 'unreadable' })
})
