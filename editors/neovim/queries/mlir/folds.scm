; What can be folded: regions, and dictionaries of several lines.
[
  (region)
  (dictionary_attribute)
  (properties)
] @fold
