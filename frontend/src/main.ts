import './lib/styles/app.css'
import { mount } from 'svelte'
import { openBackend } from '$lib/api'
import type { Backend } from '$lib/api'
import { tellLook } from '$lib/api/shell'
import { forwardErrors, tellPainted, windowHost } from '$lib/api/wails'
import App from './App.svelte'

const host = windowHost()
if (host) forwardErrors(host)

function start(backend: Backend): void {
  const target = document.getElementById('app')
  if (target) mount(App, { target, props: { backend } })
  if (!host) return
  tellLook(host)
  tellPainted(host)
}

// `vite --mode fake` shows made-up data; the branch is not in a production build.
if (import.meta.env.MODE === 'fake') void import('./fake').then(({ backend }) => start(backend()))
else start(openBackend())
