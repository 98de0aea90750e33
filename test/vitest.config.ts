import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The machine's cores are shared with what the tests start: servers, training children, Git.
    testTimeout: 60_000,
    hookTimeout: 300_000,
    globalSetup: [],
  },
});
