

class Taken(Fault):
    sentence = _("The Thing has such a Datastream already.")
    status = 409


class NotErased(Fault):
    sentence = _("A reading is never deleted. Send the corrected value for the same moment: it becomes the next version.")
    status = 409
