import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0004_sessions'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dwelling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=200)),
                ('address_key', models.CharField(max_length=200)),
                ('tenure', models.CharField(choices=[('own', '自住'), ('let', '出租'), ('lent', '借住'), ('dormitory', '宿舍')], default='own', max_length=10)),
                ('longitude', models.FloatField(blank=True, null=True)),
                ('latitude', models.FloatField(blank=True, null=True)),
                ('ended_on', models.DateField(blank=True, help_text='torn down, or no dwelling any more', null=True)),
                ('area', models.ForeignKey(blank=True, help_text='the grid', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(blank=True, help_text='of the registration book, where there is one', max_length=40)),
                ('began_on', models.DateField()),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('dwelling', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='households', to='residents.dwelling')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='LinkTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(help_text='linked | wrong | wait', max_length=8)),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Resident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_sealed', models.BinaryField(blank=True, default=b'')),
                ('name_hash', models.BinaryField(blank=True, default=b'')),
                ('document', models.CharField(blank=True, choices=[('id_card', 'Resident identity card'), ('hmt_residence', 'Residence permit of Hong Kong, Macao or Taiwan residents'), ('foreign_residence', 'Foreign permanent resident card'), ('passport', 'Passport'), ('hk_macao_pass', 'Mainland travel permit (Hong Kong, Macao)'), ('taiwan_pass', 'Mainland travel permit (Taiwan)'), ('birth_certificate', 'Birth certificate')], max_length=20)),
                ('number_sealed', models.BinaryField(blank=True, default=b'')),
                ('number_hash', models.BinaryField(blank=True, default=b'')),
                ('phone_sealed', models.BinaryField(blank=True, default=b'')),
                ('phone_hash', models.BinaryField(blank=True, default=b'')),
                ('origin_sealed', models.BinaryField(blank=True, default=b'')),
                ('sex', models.CharField(blank=True, choices=[('1', 'male'), ('2', 'female'), ('0', 'unknown'), ('9', 'unsaid')], max_length=1)),
                ('birth', models.DateField(blank=True, null=True)),
                ('nationality', models.CharField(blank=True, max_length=40)),
                ('ethnicity', models.CharField(blank=True, max_length=20)),
                ('standing', models.CharField(choices=[('registered', '户籍'), ('moving', '流动'), ('unregistered', '未落户'), ('foreign', '境外')], default='registered', max_length=12)),
                ('left_on', models.DateField(blank=True, null=True)),
                ('died_on', models.DateField(blank=True, null=True)),
                ('linked_at', models.DateTimeField(blank=True, null=True)),
                ('registered_at', models.DateTimeField()),
                ('dwelling', models.ForeignKey(blank=True, help_text='where they live now', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='residents', to='residents.dwelling')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='residents.resident')),
                ('person', models.ForeignKey(blank=True, help_text='the own account, once proved', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(choices=[('head', 'head of the household'), ('spouse', 'spouse'), ('child', 'child'), ('child_in_law', 'child-in-law'), ('grandchild', 'grandchild'), ('parent', 'parent'), ('grandparent', 'grandparent'), ('sibling', 'brother or sister'), ('kin', 'other kin'), ('lodger', 'not kin')], max_length=12)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, help_text='the first day on which they belong to it no longer', null=True)),
                ('why_ended', models.CharField(blank=True, help_text='moved | left | died | merged | changed', max_length=10)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='residents.household')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('resident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='residents.resident')),
            ],
        ),
        migrations.CreateModel(
            name='Duplicate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=12)),
                ('state', models.CharField(default='open', max_length=10)),
                ('found_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_by', models.CharField(blank=True, max_length=60)),
                ('ground', models.CharField(blank=True, max_length=200)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('one', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='residents.resident')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='residents.resident')),
            ],
        ),
        migrations.CreateModel(
            name='ControlTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('basis', models.CharField(max_length=200)),
                ('source', models.CharField(max_length=120)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, help_text='the first day on which it holds no longer', null=True)),
                ('review_on', models.DateField(help_text='by then somebody looks whether it still holds')),
                ('reviewed_on', models.DateField(blank=True, null=True)),
                ('is_told', models.BooleanField(default=True, help_text='the person may read it on the own page')),
                ('note_sealed', models.BinaryField(blank=True, default=b'')),
                ('set_by', models.CharField(max_length=60)),
                ('set_at', models.DateTimeField()),
                ('ended_by', models.CharField(blank=True, max_length=60)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('resident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='residents.resident')),
            ],
        ),
        migrations.CreateModel(
            name='CareTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('basis', models.CharField(max_length=200)),
                ('source', models.CharField(max_length=120)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, help_text='the first day on which it holds no longer', null=True)),
                ('review_on', models.DateField(help_text='by then somebody looks whether it still holds')),
                ('reviewed_on', models.DateField(blank=True, null=True)),
                ('is_told', models.BooleanField(default=True, help_text='the person may read it on the own page')),
                ('note_sealed', models.BinaryField(blank=True, default=b'')),
                ('set_by', models.CharField(max_length=60)),
                ('set_at', models.DateTimeField()),
                ('ended_by', models.CharField(blank=True, max_length=60)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('resident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='residents.resident')),
            ],
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(help_text='made on the telephone, so that a visit sent twice is one')),
                ('outcome', models.CharField(choices=[('met', '见到人'), ('absent', '无人在家'), ('refused', '拒绝'), ('empty', '空置')], max_length=8)),
                ('word', models.CharField(blank=True, max_length=10)),
                ('visited_at', models.DateTimeField()),
                ('taken_at', models.DateTimeField()),
                ('by', models.CharField(max_length=60)),
                ('changes', models.PositiveIntegerField(default=0, help_text='how many people changed, came or left')),
                ('conflicts', models.PositiveIntegerField(default=0, help_text='what was not taken, because it had changed meanwhile or cannot be')),
                ('found_sealed', models.BinaryField(blank=True, default=b'', help_text='all that was found, and what became of each part')),
                ('dwelling', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='residents.dwelling')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.AddIndex(
            model_name='dwelling',
            index=models.Index(fields=['town', 'area'], name='dwelling_area'),
        ),
        migrations.AddConstraint(
            model_name='dwelling',
            constraint=models.UniqueConstraint(fields=('town', 'address_key'), name='one_dwelling_per_address'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['town', 'dwelling'], name='household_dwelling'),
        ),
        migrations.AddConstraint(
            model_name='household',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_on__isnull', True), models.Q(('number', ''), _negated=True)), fields=('town', 'number'), name='one_household_per_number'),
        ),
        migrations.AddConstraint(
            model_name='household',
            constraint=models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('began_on')), _connector='OR'), name='household_ends_after_it_begins'),
        ),
        migrations.AddIndex(
            model_name='linktry',
            index=models.Index(fields=['town', 'person', '-at'], name='link_try_person'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(fields=['town', 'name_hash', 'birth'], name='resident_name'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(fields=['town', 'phone_hash'], name='resident_phone'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(fields=['town', 'dwelling'], name='resident_dwelling'),
        ),
        migrations.AddConstraint(
            model_name='resident',
            constraint=models.UniqueConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('number_hash', b''), _negated=True)), fields=('town', 'number_hash'), name='one_resident_per_number'),
        ),
        migrations.AddConstraint(
            model_name='resident',
            constraint=models.UniqueConstraint(condition=models.Q(('person__isnull', False)), fields=('town', 'person'), name='one_resident_per_account'),
        ),
        migrations.AddConstraint(
            model_name='resident',
            constraint=models.CheckConstraint(condition=models.Q(('died_on__isnull', True), ('birth__isnull', True), ('died_on__gte', models.F('birth')), _connector='OR'), name='resident_dies_after_birth'),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(fields=['town', 'resident', '-starts_on'], name='membership_resident'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_on__isnull', True)), fields=('town', 'resident'), name='one_home_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_on__isnull', True), ('relation', 'head')), fields=('town', 'household'), name='one_head_per_household'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='membership_ends_after_it_begins'),
        ),
        migrations.AddIndex(
            model_name='duplicate',
            index=models.Index(fields=['town', 'state', '-found_at'], name='duplicate_state'),
        ),
        migrations.AddConstraint(
            model_name='duplicate',
            constraint=models.UniqueConstraint(fields=('town', 'one', 'other'), name='one_duplicate_per_pair'),
        ),
        migrations.AddConstraint(
            model_name='duplicate',
            constraint=models.CheckConstraint(condition=models.Q(('one__lt', models.F('other'))), name='duplicate_is_ordered'),
        ),
        migrations.AddIndex(
            model_name='controltag',
            index=models.Index(fields=['town', 'resident'], name='control_resident'),
        ),
        migrations.AddIndex(
            model_name='controltag',
            index=models.Index(fields=['town', 'review_on'], name='control_review'),
        ),
        migrations.AddConstraint(
            model_name='controltag',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='control_ends_after_it_begins'),
        ),
        migrations.AddIndex(
            model_name='caretag',
            index=models.Index(fields=['town', 'resident'], name='care_resident'),
        ),
        migrations.AddIndex(
            model_name='caretag',
            index=models.Index(fields=['town', 'review_on'], name='care_review'),
        ),
        migrations.AddConstraint(
            model_name='caretag',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='care_ends_after_it_begins'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(fields=['town', 'dwelling', '-visited_at'], name='visit_dwelling'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.UniqueConstraint(fields=('town', 'key'), name='one_visit_per_key'),
        ),
        own_by_town("residents_dwelling"),
        own_by_town("residents_household"),
        own_by_town("residents_resident"),
        own_by_town("residents_membership"),
        own_by_town("residents_caretag"),
        own_by_town("residents_controltag"),
        own_by_town("residents_duplicate"),
        own_by_town("residents_visit"),
        own_by_town("residents_linktry"),
    ]
