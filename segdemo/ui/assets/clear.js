// The values of pictures, masks, results and the ZIP's button when nothing is left. Null for pictures would hide where new ones are dropped.
function clear() {
  return [[], null, '', { __type__: 'update', visible: false }];
}
