import { writeFileSync } from 'node:fs';

// Loaded before a program that is measured: leaves behind what the whole process used, worker threads included.
const file = process.env.MLOPS_BENCH_USAGE;
if (file !== undefined) {
  delete process.env.MLOPS_BENCH_USAGE;
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(file, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1_000, memory: maxRSS * 1_024 }));
  });
}
