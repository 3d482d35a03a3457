import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((name) => join('src', name))
  .filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith('.gen.ts'))
const text = (name: string) => readFileSync(name, 'utf8')

// What each layer may import from the others. Types of the api are allowed everywhere above the components.
const allowed: Record<string, string[]> = {
  format: [],
  components: ['format'],
  api: [],
  stores: ['api', 'api:type', 'format'],
  features: ['stores', 'components', 'format', 'api:type'],
  pages: ['features', 'stores', 'components', 'format', 'api:type'],
}

const layerOf = (name: string) =>
  Object.keys(allowed).find((layer) => name.startsWith(`lib/${layer}/`) || name.startsWith(`${layer}/`))

function imports(name: string): { layer: string | undefined; what: string }[] {
  const found = []
  for (const [, type, from = ''] of text(name).matchAll(/import\s+(type\s)?[^'"]*?['"]([^'"]+)['"]/g)) {
    const target = from.startsWith('$lib/')
      ? from.replace('$lib', 'lib')
      : from.startsWith('.')
        ? relative('src', join(dirname(name), from))
        : undefined
    if (target === undefined) continue
    const layer = layerOf(`${target}/`)
    found.push({ layer: layer === 'api' && type ? 'api:type' : layer, what: target })
  }
  return found
}

describe('the laws of the source', () => {
  it.each(Object.entries(allowed))('%s imports only from the layers below', (layer, below) => {
    const wrong = files
      .filter((name) => layerOf(relative('src', name)) === layer)
      .flatMap((name) =>
        imports(name)
          .filter((one) => one.layer && !one.layer.startsWith(layer) && !below.includes(one.layer))
          .map((one) => `${name} imports ${one.what}`),
      )
    expect(wrong).toEqual([])
  })

  it('no file is longer than 250 lines', () => {
    expect(files.filter((name) => text(name).split('\n').length > 251)).toEqual([])
  })

  it('outside text is shown as text, and no policy has to be opened', () => {
    const banned = /\{@html|\.innerHTML|\.outerHTML|insertAdjacentHTML|\beval\(|new Function\(|document\.write/
    expect(files.filter((name) => banned.test(text(name)))).toEqual([])
    expect(files.filter((name) => name.endsWith('.svelte') && /\sstyle="/.test(text(name)))).toEqual([])
  })

  it('money stays text: only the chart makes numbers of it', () => {
    const numbers = /\bNumber\(|\bparseFloat\(/
    const free = (name: string) => name.includes('api/fake') || name.endsWith('format/plot.ts')
    expect(files.filter((name) => !free(name) && numbers.test(text(name)))).toEqual([])
  })

  it('made-up data is imported by its own entry only', () => {
    const users = files.filter((name) => /api\/fake|['"]\.\/fake['"]/.test(text(name)))
    expect(users.toSorted()).toEqual(['src/fake.ts', 'src/main.ts'])
  })
})
