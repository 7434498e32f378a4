import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Operation, readSpecification, type Specification } from './specification.ts'

const small = `
paths:
  /things/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
        - { name: fields, in: query, schema: { type: string, enum: [name, size] } }
        - { name: ids, in: query, schema: { type: array, items: { type: integer } } }
        - { name: exact, in: query, required: true, schema: { type: boolean } }
      responses:
        '200':
          content:
            application/json:
              schema: { $ref: '#/components/schemas/Things' }
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: { type: object, required: [name], properties: { name: { type: string } } }
      responses:
        '201': {}
components:
  schemas:
    Things:
      type: object
      properties:
        data:
          type: array
          items:
            anyOf:
              - type: object
                properties:
                  item: { type: string, enum: [cup] }
                  size: { type: integer }
              - type: object
                properties:
                  item: { type: string, enum: [plate] }
                  size: { type: string }
        state: { type: string, enum: [new, old], nullable: true }
        note: { type: string }
`

let folder: string
let specification: Specification
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'specification-'))
  await writeFile(join(folder, 'small.yaml'), small)
  specification = await readSpecification(folder, 'small.yaml', '/v9')
})
afterAll(() => rm(folder, { recursive: true }))

const get = (): Operation => specification.find('GET', '/v9/things/:thing')!
const post = (): Operation => specification.find('POST', '/v9/things/{id}')!

test('an operation is found under any names of its path parameters, and another one is not', () => {
  expect(get().name).toBe('GET /v9/things/{id}')
  expect(specification.find('PUT', '/v9/things/{id}')).toBeUndefined()
})

test('a query is read by type and comma lists item by item', () => {
  expect(get().checkQuery({ fields: 'name,size', ids: '1,2', exact: 'true' })).toEqual([])
  expect(get().checkQuery({ fields: 'name,weight', ids: '1,two', colour: 'red' })).toEqual([
    'query fields must be equal to one of the allowed values ["name","size"]',
    'query ids/* must be integer',
    'query colour is not specified',
    'query exact is required',
  ])
})

test('a path parameter must have its type', () => {
  expect(get().checkPath({ id: 1 })).toEqual([])
  expect(get().checkPath({ id: 'one' })).toEqual(['path id must be integer'])
  expect(get().checkPath({})).toEqual(['path id is required'])
})

test('a body must be there where it is required, and only where there may be one', () => {
  expect(post().checkBody({ name: 'Cup' })).toEqual([])
  expect(post().checkBody({})).toEqual(["body must have required property 'name'"])
  expect(post().checkBody(undefined)).toEqual(['body is required'])
  expect(get().checkBody({})).toEqual(['body is not specified'])
})

test('an answer is held against the schema of its status', () => {
  expect(get().checkAnswer(200, { data: [], state: null })).toEqual([])
  expect(get().checkAnswer(200, { state: 'lost', note: null })).toEqual([
    'answer/state must be equal to one of the allowed values ["new","old",null]',
    'answer/note is null',
  ])
  expect(get().checkAnswer(404, {})).toEqual(['answer 404 is not specified: 200'])
})

test('in a mixed list each record is held against its own shape only', () => {
  const data = [
    { item: 'cup', size: 1 },
    { item: 'plate', size: 'L' },
  ]
  expect(get().checkAnswer(200, { data })).toEqual([])
  expect(get().checkAnswer(200, { data: [...data, { item: 'plate', size: 3 }] })).toEqual(['answer/data/*/size must be string'])
})
