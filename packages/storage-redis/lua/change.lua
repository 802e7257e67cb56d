-- Parts: write.
-- Makes guarded writes. ARGV: how many, and each as `write` takes it. Answers now and the answer of each.
return { nowText, (writeAll(tonumber(ARGV[1]))) }
